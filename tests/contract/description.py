"""Why: /openapi.json says what every operation answers; where a handler writes its own JSON, words in its row say it. Every answer of a run is held against
them: what is described is there and of its type, and what is there is described."""
import re

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}

# Shows the incident beside its members as well.
NOT_COMPARED = "/analytics/raw/incidents/"


class Description:
    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile("^%s$" % re.sub(r"{\w+}", "[^/]+", path)), path) for path in sorted(document["paths"], key=lambda path: path.count("{"))]

    def answer(self, method, path):
        """The schema of what `path` answers; None where it is not described."""
        bare = path.split("?")[0]
        if bare.startswith(NOT_COMPARED):
            return None
        for pattern, template in self.paths:
            operation = self.document["paths"][template].get(method.lower())
            if operation and pattern.match(bare):
                good = next(response for status, response in operation["responses"].items() if status[0] in "23")
                return good.get("content", {}).get("application/json", {}).get("schema")
        return None

    def mistakes(self, value, schema, place=""):
        if "$ref" in schema:
            noun = schema["$ref"].rsplit("/", 1)[1]
            if noun == "Reference":
                return []  # a reference may carry more than its five members
            schema = self.document["components"]["schemas"][noun]
        if "oneOf" in schema:
            found = [self.mistakes(value, one, place) for one in schema["oneOf"]]
            return [] if any(not mistakes for mistakes in found) else min(found, key=len)
        types = schema.get("type", [])
        types = types if isinstance(types, list) else [types]
        if types and not any(isinstance(value, TYPES[one]) and not (isinstance(value, bool) and one in ("integer", "number")) for one in types):
            return ["%s is %s, not %s" % (place, type(value).__name__, types)]
        if isinstance(value, list) and "items" in schema:
            return [mistake for one in value[:3] for mistake in self.mistakes(one, schema["items"], place + "[]")]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        found = ["%s.%s is missing" % (place, name) for name in schema.get("required", []) if name not in value]
        found += ["%s.%s is not described" % (place, name) for name in value if name not in schema["properties"]]
        return found + [mistake for name, inner in schema["properties"].items() if name in value for mistake in self.mistakes(value[name], inner, "%s.%s" % (place, name))]


def check_all_described(suite, document):
    """Every operation says what it answers."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            status, good = next((status, response) for status, response in operation["responses"].items() if status[0] in "23")
            suite.check(bool(good.get("content")) != (good["description"] in ("Done", "Elsewhere")),
                        "the description does not say what %s %s answers (%s)" % (method, path, status))
