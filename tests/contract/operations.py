"""Why: docs/operations.md is what /openapi.json says, to be read by people: every operation with what it takes and answers, every field of every noun. Made from it, so it
cannot say anything else; a run without --docs fails when it is out of date."""
import os

DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "docs", "operations.md")
HEAD = """# Every operation and every field

Made from `GET /openapi.json` by `tests/contract/run --docs`. [The REST API](api.md) explains the conventions, [permissions](permissions.md) who may do what. In lists of words, `?`
stands behind what may be left out, `[]` behind lists; **M** marks what is Muster's own. Below the operations are [the nouns](#nouns) and what else is answered.
"""
NOT_FOR_CLIENTS = ("/app", "/twilio/", "/test/", "/act/")


def target(schema):
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None


def words(schema, document):
    """`team`, `teams[]`, `message, subject?`: the members of a body or an answer, nouns as links; a noun where it is the whole."""
    if "oneOf" in schema:
        return " or ".join(words(one, document) for one in schema["oneOf"])
    if target(schema):
        return kind_of(schema)
    if schema.get("type") == "array":
        return "a " + kind_of(schema)
    required, found = schema.get("required", []), []
    for name, inner in schema.get("properties", {}).items():
        is_list = inner.get("type") == "array"
        noun = target(inner.get("items", {}) if is_list else inner)
        text = name + ("[]" if is_list else "") + ("?" if name not in required else "")
        found.append("[%s](#%s)" % (text, noun) if noun in document["components"]["schemas"] and noun != "Reference" else "`%s`" % text)
    return ", ".join(found)


def body_of(thing):
    return next(iter((thing or {}).get("content", {}).values()), {}).get("schema", {})


def answer_of(operation, document):
    status, good = next((status, response) for status, response in operation["responses"].items() if status[0] in "23")
    media = next(iter(good.get("content", {})), "application/json")
    if status[0] == "3":
        return "a redirect"
    return words(body_of(good), document) if media == "application/json" else "`%s`" % media


def operation_row(method, path, operation, document):
    query = ", ".join("`%s%s`" % (parameter["name"], "" if parameter.get("required") else "?") for parameter in operation["parameters"] if parameter["in"] == "query")
    takes = "; ".join(part for part in (query, words(body_of(operation.get("requestBody")), document)) if part)
    own = " **M**" if operation.get("x-muster-extension") else ""
    return "| `%s` | `%s`%s | %s | %s | %s |" % (method.upper(), path, own, operation["summary"].replace("|", "\\|"), takes, answer_of(operation, document))


def kind_of(schema):
    if "$ref" in schema:
        return "reference" if target(schema) == "Reference" else "[%s](#%s)" % (target(schema), target(schema))
    if "enum" in schema:
        return ", ".join("`%s`" % value for value in schema["enum"] if value is not None)
    kind = schema.get("type", "")
    kind = next((one for one in kind if one != "null"), "") if isinstance(kind, list) else kind
    if kind == "array":
        return "list of %ss" % (kind_of(schema.get("items", {})) or "value")
    if "minimum" in schema:
        return "%s, %d to %d" % (kind, schema["minimum"], schema["maximum"])
    return schema.get("format", kind) + (", at most %d characters" % schema["maxLength"] if "maxLength" in schema else "")


def field_row(name, schema, required, is_written):
    """Of what is written, what must be; of what is only shown, what may be absent."""
    types = schema.get("type", "")
    notes = ["required"] if required and is_written else ["may be absent"] if not required and not is_written else []
    notes += ["read only"] if schema.get("readOnly") else []
    notes += ["or null"] if isinstance(types, list) or None in schema.get("enum", []) else []
    notes += [schema["description"]] if "description" in schema else []
    return "| `%s` | %s | %s |" % (name, kind_of(schema), "; ".join(notes).replace("|", "\\|"))


def page(document):
    lines, by_tag = [HEAD], {}
    for path, item in document["paths"].items():
        if path != "/" and not path.startswith(NOT_FOR_CLIENTS):
            for method, operation in item.items():
                by_tag.setdefault(operation["tags"][0], []).append(operation_row(method, path, operation, document))
    for tag in sorted(by_tag):
        lines += ["## %s\n" % tag, "| | path | what | takes | answers |", "|---|---|---|---|---|", *by_tag[tag], ""]
    lines += ["## Nouns\n", "Those without a row `id` have `id` and, but for handoff rules, `type`, `summary`, `self` and `html_url`: read only.\n"]
    for name in sorted(document["components"]["schemas"]):
        schema = document["components"]["schemas"][name]
        if name in ("Error", "Reference"):
            continue
        is_written = schema["properties"].get("id", {}).get("readOnly", False)
        rows = [field_row(field, inner, field in schema.get("required", []), is_written) for field, inner in schema["properties"].items()
                if not is_written or field not in ("id", "type", "summary", "self", "html_url")]
        lines += ["### %s\n" % name, "| field | kind | |", "|---|---|---|", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def judge(suite, document, write):
    text = page(document)
    if write:
        with open(DOCS, "w", encoding="utf-8") as file:
            file.write(text)
    there = open(DOCS, encoding="utf-8").read() if os.path.exists(DOCS) else ""
    suite.check(there == text, "docs/operations.md is out of date: run tests/contract/run --docs")
