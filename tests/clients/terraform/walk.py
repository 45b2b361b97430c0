"""Why: who keeps an organisation in Terraform expects that what was applied is what is read: the second plan is empty, also after a change, after somebody deleted
something by hand and after an import, and destroying leaves nothing. With PagerDuty's own provider, as it is published."""
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
URL, TOKEN, PROGRAM, PROVIDER = (os.environ[name] for name in ("MUSTER", "TOKEN", "TERRAFORM", "PROVIDER"))
TRUST = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
EMPTY, CHANGES = 0, 2  # exit codes of `plan -detailed-exitcode`

# The provider does not read these back: alert_grouping_parameters only where its state has them already, the values of a webhook's headers never. An event that took effect at
# once says since when, not what was written. Values of custom fields it reads back with the ids beside the names that were written.
NOT_IMPORTED = ("pagerduty_service.hours", "pagerduty_webhook_subscription.bot", "pagerduty_schedulev2.running", "pagerduty_service_custom_field_value.plain")
NOUNS = ("teams", "users", "schedules", "v3/schedules", "escalation_policies", "services", "business_services", "maintenance_windows", "webhook_subscriptions", "tags")
# Not a webhook subscription: for one that is gone the provider asks again for two minutes.
DELETED_BY_HAND = ("pagerduty_service_integration.events", "pagerduty_user_notification_rule.sms", "pagerduty_team_membership.kim", "pagerduty_maintenance_window.move")


def check(what, good, why=""):
    text = str(why)
    begin = max(text.find("Error:"), text.find("Terraform will perform"), 0)
    print("ok " + what if good else "not ok %s: %s" % (what, text[begin:begin + 1500].replace("\n", " | ")), flush=True)
    return good


def ask(method, path):
    request = urllib.request.Request(URL + path, method=method, headers={"Authorization": "Token token=" + TOKEN})
    with urllib.request.urlopen(request, context=TRUST) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Folder:
    def __init__(self, folder):
        self.folder = folder
        for name in os.listdir(HERE):
            if name.endswith(".tf"):
                shutil.copy(os.path.join(HERE, name), folder)
        settings = os.path.join(folder, "settings.tfrc")
        with open(settings, "w", encoding="utf-8") as file:
            file.write('provider_installation {\n  dev_overrides {\n    "pagerduty/pagerduty" = "%s"\n  }\n}\n' % os.path.dirname(os.path.abspath(PROVIDER)))
        self.environment = {**os.environ, "TF_CLI_CONFIG_FILE": settings, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "PAGERDUTY_TOKEN": TOKEN,
                            "TF_VAR_url": URL, "TF_VAR_changed": "false"}

    def run(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=300)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def apply(self, what):
        code, text = self.run("apply", "-auto-approve", "-no-color")
        if not check(what, code == 0, text):
            sys.exit(1)  # going on makes no sense

    def plan(self, what, wanted=EMPTY):
        code, text = self.run("plan", "-detailed-exitcode", "-no-color")
        check(what, code == wanted, text)

    def resources(self):
        code, text = self.run("show", "-json")
        told = json.loads(text[text.index("{"):]) if code == 0 else {}
        return {one["address"]: (one["type"].removeprefix("pagerduty_"), one["values"])
                for one in told.get("values", {}).get("root_module", {}).get("resources", []) if one["mode"] == "managed"}


def imported_as(kind, values):
    if kind in ("user_contact_method", "user_notification_rule"):
        return "%s:%s" % (values["user_id"], values["id"])
    if kind == "user_handoff_notification_rule":
        return "%s.%s" % (values["user_id"], values["id"])
    if kind == "service_integration":
        return "%s.%s" % (values["service"], values["id"])
    if kind == "tag_assignment":
        return "%s.%s.%s" % (values["entity_type"], values["entity_id"], values["tag_id"])
    if kind == "service_dependency":
        dependent = values["dependency"][0]["dependent_service"][0]
        return "%s.%s.%s" % (dependent["id"], dependent["type"], values["id"])
    return values["id"]


def path_of(kind, values):
    if kind == "service_integration":
        return "/services/%s/integrations/%s" % (values["service"], values["id"])
    if kind == "user_notification_rule":
        return "/users/%s/notification_rules/%s" % (values["user_id"], values["id"])
    if kind == "team_membership":
        return "/teams/%s/users/%s" % (values["team_id"], values["user_id"])
    return "/%ss/%s" % (kind, values["id"])


def by_hand(folder):
    """What somebody deleted is gone to Terraform too: it makes it again."""
    resources = folder.resources()
    for address in DELETED_BY_HAND:
        ask("DELETE", path_of(*resources[address]))
    folder.plan("what is gone is missed", CHANGES)
    folder.apply("what is gone is made again")
    folder.plan("then the plan is empty")
    check("everything is there", folder.resources().keys() == resources.keys())


def import_all(folder):
    resources = folder.resources()
    for address, (kind, values) in resources.items():
        if address in NOT_IMPORTED:
            continue
        folder.run("state", "rm", address)
        code, text = folder.run("import", "-no-color", address, imported_as(kind, values))
        check("import " + address, code == 0, text)
    check("all of it is imported", folder.resources().keys() == resources.keys())
    folder.plan("after an import the plan is empty")


def counts():
    paged = {noun: ask("GET", "/%s?total=true&limit=1" % noun).get("total") for noun in NOUNS}
    fields = {"custom fields of %s" % noun: len(ask("GET", "/%s/custom_fields" % noun)["fields"]) for noun in ("incidents", "services")}
    return {**paged, **fields}


def main():
    before = counts()
    with tempfile.TemporaryDirectory(prefix="muster-terraform-") as directory:
        folder = Folder(directory)
        folder.apply("apply")
        folder.plan("the second plan is empty")
        folder.environment["TF_VAR_changed"] = "true"
        folder.plan("a change is planned", CHANGES)
        folder.apply("apply a change")
        folder.plan("after a change the plan is empty")
        by_hand(folder)
        import_all(folder)
        code, text = folder.run("destroy", "-auto-approve", "-no-color")
        check("destroy", code == 0, text)
        check("nothing is left in the state", not folder.resources())
    check("nothing is left on the server", counts() == before, (before, counts()))
    print("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
