"""Why: counts what was checked and remembers every answer, so that one run judges shape, keys, replay and errors of every operation."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from description import Description  # noqa: E402
from harness.client import Client  # noqa: E402

# Present in the official examples, absent from ours on purpose.
WAIVED_KEYS = {"integration_email": "mail is not received yet", "license": "everybody has the same one", "total_interruptions\"": "a slip of the pen"}


class Suite:
    def __init__(self, url, token, reference):
        self.url, self.token, self.reference = url, token, reference
        self.passed = self.failed = self.skipped = 0
        self.coverage = {}
        self.client = Client(url, token)
        self.own = None

    # Counting ---------------------------------------------------------------------------------------------

    def check(self, good, text):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED: " + text)
        return good

    def skip(self, text):
        self.skipped += 1
        print("SKIPPED: " + text)

    def note(self, method, template, column, good):
        row = self.coverage.setdefault((template, method), {})
        seen, right = row.get(column, (0, 0))
        row[column] = (seen + 1, right + (1 if good else 0))

    # Asking -----------------------------------------------------------------------------------------------

    def ask(self, method, path, body=None, status=None, token=None, headers=None):
        """The decoded answer; its status, type, shape and keys are judged on the way."""
        client = self.client if token is None else Client(self.url, token or None)
        answer = client.send(method, path, body, headers)
        template = self.reference.template_of(path) if self.reference else None
        expected = status if isinstance(status, tuple) else (status,) if status else (200, 201, 202, 204)
        good = self.check(answer.status in expected, "%s %s answered %d, expected %s: %s" % (method, path, answer.status, expected, answer.text[:400]))
        kind = answer.headers.get("content-type", "")
        if answer.body:
            self.check(kind.startswith("application/json"), "%s %s has Content-Type %s" % (method, path, kind))
        decoded = answer.json if answer.body and kind.startswith("application/json") else None
        if template:
            self.note(method, template, "calls", good)
        if decoded is not None and good and answer.status < 300:
            self.compare(method, path, decoded)
        if template and good and answer.status < 300:
            self.judge(method, path, template, answer.status, decoded)
        return decoded

    def compare(self, method, path, decoded):
        """With our own description."""
        if not self.own:
            self.own = Description(Client(self.url, None).ask("GET", "/openapi.json"))
        schema = self.own.answer(method, path)
        mistakes = self.own.mistakes(decoded, schema) if schema else []
        self.check(not mistakes, "%s %s does not fit our own description: %s" % (method, path, "; ".join(mistakes[:8])))

    def judge(self, method, path, template, status, decoded):
        operation = self.reference.operation(method, template)
        if not operation:
            return  # Muster's own beside PagerDuty's
        schema, examples = self.reference.answer(method, template, status)
        self.check(str(self.reference.documented(method, template, status)) in operation.get("responses", {}), "%s %s: %d is no documented success" % (method, template, status))
        if not schema:
            return
        mistakes = self.reference.mistakes(decoded, schema, "")
        self.note(method, template, "shape", not mistakes)
        self.check(not mistakes, "%s %s does not fit the schema: %s" % (method, path, "; ".join(mistakes[:5])))
        if examples:
            # Variants (e-mail, SMS) have their own examples; the closest one counts.
            missing = min((self.missing(decoded, example) for example in examples), key=len)
            self.note(method, template, "keys", not missing)
            self.check(not missing, "%s %s lacks keys of the official example: %s" % (method, path, "; ".join(missing[:5])))

    @staticmethod
    def missing(decoded, example):
        from reference import missing_keys
        # "filters" repeats what was asked, and the example asks for something else than we do.
        return [key for key in missing_keys(decoded, example, "", WAIVED_KEYS) if not key.startswith(".filters.")]

    def error(self, method, path, body, status, code, token=None, mention=None, headers=None):
        """An error must be of the documented form; `mention` must be in its lines."""
        client = self.client if token is None else Client(self.url, token or None)
        answer = client.send(method, path, body, headers)
        problem = None
        if answer.status != status:
            problem = "status %d, not %d" % (answer.status, status)
        elif not answer.headers.get("content-type", "").startswith("application/json"):
            problem = "Content-Type " + answer.headers.get("content-type", "none")
        else:
            error = (answer.json or {}).get("error", {})
            lines = error.get("errors")
            if error.get("code") != code or not isinstance(error.get("message"), str) or not isinstance(lines, list) or not lines:
                problem = "envelope"
            elif mention and not any(mention in line for line in lines):
                problem = "no word about " + mention
        template = self.reference.template_of(path) if self.reference else None
        if template:
            self.note(method, template, "errors", not problem)
        self.check(not problem, "%s %s: %s: %s" % (method, path, problem, answer.text[:400]))
        return answer

    # Reporting --------------------------------------------------------------------------------------------

    def table(self, nouns, operations=None):
        """`operations`: those that must have been asked; without it all of the first tier."""
        wanted = operations if operations is not None else nouns_operations(self.reference, nouns)
        print("\n%-7s %-75s %7s %7s %7s %7s %7s" % ("method", "operation", "calls", "shape", "keys", "replay", "errors"))
        untouched = 0
        for template in sorted(self.reference.document["paths"]):
            if not any(template == noun or template.startswith(noun + "/") for noun in nouns):
                continue
            for method in ("GET", "POST", "PUT", "DELETE"):
                row = self.coverage.get((template, method))
                if (method, template) not in wanted:
                    continue
                if not row or "calls" not in row:
                    untouched += 1
                    self.check(False, "%s %s was never asked" % (method, template))
                    continue
                cells = ["%d/%d" % row[column][::-1] if column in row else "-" for column in ("calls", "shape", "keys", "replay", "errors")]
                print("%-7s %-75s %7s %7s %7s %7s %7s" % (method, template, *cells))
        print("%d operations untouched" % untouched)


# The first tier of these nouns (85 operations in all; incidents have a suite of their own).
OTHER_TIERS = ("/audit", "/sessions", "/status_update_notification_rules", "/licen", "/notification_subscriptions", "/delegations", "/custom_fields", "/rules",
               "/change_events", "/regenerate_private_url_key", "/impacts", "/enablements", "/log_entries", "/oauth")


def nouns_operations(reference, nouns):
    found = []
    for template, operations in reference.document["paths"].items():
        if any(template == noun or template.startswith(noun + "/") for noun in nouns) and not any(part in template for part in OTHER_TIERS):
            found += [(method.upper(), template) for method in operations if method in ("get", "post", "put", "delete")]
    return found
