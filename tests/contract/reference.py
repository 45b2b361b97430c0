"""Why: PagerDuty's published description of its REST API is the independent judge of ours. It is test data: read where it is, never copied.

MUSTER_PAGERDUTY_SCHEMA names the file; else a copy beside the checkout is used. Without one the checks that need it are skipped, loudly."""
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BESIDE = [os.path.join(os.path.dirname(ROOT), "shared", "data", "pagerduty", "rest.json"),
          os.path.join(os.path.dirname(os.path.dirname(ROOT)), "shared", "data", "pagerduty", "rest.json")]

# Where the published description contradicts what its own clients expect, or where Muster adds a word of its own.
SHAPE_EXCEPTIONS = {
    "details": "of an incident's body and of a trigger's channel: the schema says object, the official requests send a text",
    "escalation_rule_assignment_strategy": "clients decode an object, the schema says string",
    "value": "of a custom field: the schema wraps it in an object, the official examples and clients do not",
    "default_value": "likewise",
    "vendor": "clients decode an object, the schema of GET /vendors/{id} says array",
}
OUR_WORDS = {"webhook_contact_method", "webhook_contact_method_reference"}

# The description says 201 for a list that creates nothing; PagerDuty itself and its clients' own tests say 200.
DOCUMENTED_STATUS = {("GET", "/schedules/{id}/overrides"): 201}

# Where two parts of the published description contradict each other, the word that clients know counts as both.
SAME_WORDS = {"acknowledge_log_entry": "acknowledgement_log_entry",
              "field_value_change_log_entry": "annotate_log_entry"}  # published for the entries of one incident, not for those of all


def find():
    named = os.environ.get("MUSTER_PAGERDUTY_SCHEMA")
    for path in [named] if named else BESIDE:
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return Reference(json.load(file))
    return None


class Reference:
    def __init__(self, document):
        self.document = document
        self.templates = sorted(document["paths"], key=lambda path: path.count("{"))

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for part in node["$ref"][2:].split("/"):
                part = part.replace("~1", "/").replace("~0", "~")
                target = target[int(part)] if isinstance(target, list) else target[part]
            node = target
        return node

    def template_of(self, path):
        parts = path.split("?")[0].strip("/").split("/")
        for template in self.templates:
            wanted = template.strip("/").split("/")
            if len(wanted) == len(parts) and all(w.startswith("{") or w == p for w, p in zip(wanted, parts)):
                return template
        return None

    def operation(self, method, template):
        return self.document["paths"].get(template, {}).get(method.lower())

    @staticmethod
    def documented(method, template, status):
        return DOCUMENTED_STATUS.get((method, template), status) if status == 200 else status

    def answer(self, method, template, status):
        """(schema, example) of a success; None where there is no body."""
        operation = self.operation(method, template) or {}
        status = self.documented(method, template, status)
        response = self.resolve(operation.get("responses", {}).get(str(status), {}))
        for media in (response.get("content") or {}).values():
            examples = [self.resolve(example)["value"] for example in (media.get("examples") or {}).values()]
            return media.get("schema"), examples
        return None, []

    def request_examples(self, method, template):
        body = self.resolve((self.operation(method, template) or {}).get("requestBody") or {})
        for media in (body.get("content") or {}).values():
            several = [self.resolve(example)["value"] for example in (media.get("examples") or {}).values()]
            return several or ([media["example"]] if "example" in media else [])
        return []

    def request_required(self, method, template, wrapper):
        """Names the schema requires inside the wrapper."""
        body = self.resolve((self.operation(method, template) or {}).get("requestBody") or {})
        for media in (body.get("content") or {}).values():
            inner = self.resolve(self.resolve(media.get("schema", {})).get("properties", {}).get(wrapper, {}))
            return self.required_of(inner)
        return []

    def required_of(self, schema):
        schema = self.resolve(schema)
        names = list(schema.get("required", []))
        for part in schema.get("allOf", []):
            names += self.required_of(part)
        return names

    # Layer 1: the shape ------------------------------------------------------------------------------------

    def mistakes(self, value, schema, path=""):
        schema = self.resolve(schema)
        name = path.rsplit(".", 1)[-1]
        if not isinstance(schema, dict) or name in SHAPE_EXCEPTIONS:
            return []
        for part in schema.get("allOf", []):
            found = self.mistakes(value, part, path)
            if found:
                return found
        for union in ("oneOf", "anyOf"):
            if union in schema:
                tries = [self.mistakes(value, part, path) for part in schema[union]]
                if all(tries):
                    return ["%s fits no variant: %s" % (path, min(tries, key=len)[0])]
        return self.typed_mistakes(value, schema, path)

    def typed_mistakes(self, value, schema, path):
        kind = schema.get("type")
        if value is None:
            # Optional values may be null; arrays and booleans never are.
            return ["%s is null" % path] if kind in ("array", "boolean") and not schema.get("nullable") else []
        python = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}.get(kind)
        if python and (not isinstance(value, python) or (kind in ("integer", "number") and isinstance(value, bool))):
            return ["%s is %s, not %s" % (path, type(value).__name__, kind)]
        # Where include[] was asked for, the whole object stands in the place of its reference.
        if "enum" in schema and value not in schema["enum"] and "%s_reference" % value not in schema["enum"] \
                and SAME_WORDS.get(value) not in schema["enum"] and value not in OUR_WORDS:
            return ["%s is %r, not one of %s" % (path, value, schema["enum"])]
        found = []
        if isinstance(value, dict):
            found += ["%s.%s is missing" % (path, key) for key in schema.get("required", []) if key not in value]
            for key, inner in (schema.get("properties") or {}).items():
                if key in value:
                    found += self.mistakes(value[key], inner, path + "." + key)
        elif isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                found += self.mistakes(item, schema["items"], "%s[%d]" % (path, index))
        return found


# Layer 2: no key of the official example may be missing --------------------------------------------------------------

def plain(kind):
    return kind[:-len("_reference")] if isinstance(kind, str) and kind.endswith("_reference") else kind


def missing_keys(ours, example, path="", waived=()):
    if isinstance(example, dict) and isinstance(ours, dict):
        if plain(ours.get("type")) != plain(example.get("type")):
            return []
        found = ["%s.%s" % (path, key) for key in example if key not in ours and key not in waived]
        for key in example:
            if key in ours:
                found += missing_keys(ours[key], example[key], path + "." + key, waived)
        return found
    if isinstance(example, list) and isinstance(ours, list) and example:
        found = []
        for index, item in enumerate(ours):
            found += missing_keys(item, example[0], "%s[%d]" % (path, index), waived)
        return found
    return []
