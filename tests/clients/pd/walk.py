"""Why: what users of the `pd` command line do. It has no option for another address, so it is redirected below TLS (redirect.js); and it insists
on an address of pagerduty.com when it is given a token, so it finds its configuration written."""
import json
import os
import subprocess
import tempfile

PROGRAM, REDIRECT, TOKEN, ME, ANA, KEY, MUSTER, MARK = (os.environ[name] for name in ("PD_PROGRAM", "PD_REDIRECT", "TOKEN", "ME", "ANA", "ROUTING_KEY", "MUSTER", "MARK"))


def check(what, good, why=""):
    print("ok " + what if good else "not ok %s: %s" % (what, str(why)[-600:].replace("\n", " | ")), flush=True)


def name(what):
    return "%s %s" % (MARK, what)


class Pd:
    def __init__(self, home):
        folder = os.path.join(home, "pagerduty-cli")
        os.makedirs(folder)
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump({"defaultSubdomain": "halden", "subdomains": [{"alias": "halden", "subdomain": "halden", "legacyToken": TOKEN, "user": {"id": ANA, "email": ME}}]}, file)
        self.environment = {**os.environ, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "XDG_DATA_HOME": home, "HOME": home, "NODE_OPTIONS": "--require=" + REDIRECT,
                            "PD_SKIP_NEW_VERSION_CHECK": "1", "CI": "1"}

    def run(self, *arguments):
        done = subprocess.run(["node", PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment, timeout=60)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def say(self, what, *arguments, expect=None):
        """What it printed; it must end well."""
        code, out, err = self.run(*arguments)
        check(what, code == 0 and (expect is None or expect in out) and "ailed" not in err, "%d %s %s" % (code, out, err))
        return out.strip()

    def get(self, endpoint, *parameters):
        return json.loads(self.say("rest get " + endpoint.split("/")[0], "rest", "get", "-e", endpoint, *sum((["-P", each] for each in parameters), [])))


def configuration(pd):
    user = pd.say("user create", "user", "create", "-e", "pd@halden.example", "-n", name("User"), "-z", "Europe/Berlin", "-p")
    pd.say("user set", "user", "set", "-i", user, "-k", "job_title", "-v", "Engineer")
    changed = pd.get("users/" + user)["user"]
    check("user set is kept", changed["job_title"] == "Engineer" and changed["time_zone"] == "Europe/Berlin", changed)
    pd.say("user contact add", "user", "contact", "add", "-i", user, "-l", "Desk", "-T", "phone", "-a", "+1 650 555 0123")
    pd.say("user list", "user", "list", "-e", "pd@halden.example", expect=name("User"))
    team = pd.say("team create", "team", "create", "-n", name("Team"), "-p")
    pd.say("team user add", "team", "user", "add", "-i", team, "-u", user, "-r", "responder")
    pd.say("team user list", "team", "user", "list", "-i", team, expect=user)
    schedule = pd.say("schedule create", "schedule", "create", "-n", name("Schedule"), "-u", ANA, "-z", "Europe/Berlin", "-p")
    policy = pd.say("ep create", "ep", "create", "-n", name("Policy"), "-d", "30", "-u", ANA, "-s", schedule, "-p")
    service = pd.say("service create", "service", "create", "-n", name("Service"), "-e", policy, "--create_alerts", "-p")
    pd.say("service set", "service", "set", "-i", service, "-k", "description", "-v", "changed")
    pd.say("service disable", "service", "disable", "-i", service)
    check("it is disabled", pd.get("services/" + service)["service"]["status"] == "disabled")
    pd.say("service enable", "service", "enable", "-i", service)
    pd.say("schedule override add", "schedule", "override", "add", "-i", schedule, "-u", user, "--start", "in 1 hour", "--end", "in 3 hours")
    pd.say("schedule override list", "schedule", "override", "list", "-i", schedule, "--since", "now", "--until", "in 1 day", expect=name("User"))
    pd.say("schedule oncall", "schedule", "oncall", "-i", schedule, expect="Ana")
    pd.say("ep oncall", "ep", "oncall", "-i", policy, expect="Ana")
    return user, team, policy, service, schedule


def incidents(pd, service, policy):
    one = pd.say("incident create", "incident", "create", "-t", name("one"), "--service_id", service, "-F", ME, "-p")
    two = pd.say("incident create", "incident", "create", "-t", name("two"), "--service_id", service, "-u", "low", "-F", ME, "-p")
    pd.say("incident list", "incident", "list", "-X", name("Service"), expect=name("two"))
    pd.say("incident assign", "incident", "assign", "-i", one, "-u", ANA, "-F", ME)
    pd.say("incident ack", "incident", "ack", "-i", one, "-F", ME, "-z", "1h")
    pd.say("incident rename", "incident", "rename", "-i", one, "-t", name("renamed"), "-F", ME)
    priority = pd.get("priorities")["priorities"][0]["name"]
    pd.say("incident priority", "incident", "priority", "-i", one, "-n", priority, "-F", ME)
    pd.say("incident notes", "incident", "notes", "-i", one, "-n", "Looking", "-F", ME)
    pd.say("incident notes are listed", "incident", "notes", "-i", one, expect="Looking")
    pd.say("incident responder add", "incident", "responder", "add", "-i", one, "-u", ANA, "-s", "Please help", "-F", ME)
    pd.say("incident merge", "incident", "merge", "-I", one, "-i", two, "-F", ME)
    found = pd.get("incidents/" + one)["incident"]
    check("all of it is kept", (found["status"], found["title"], found["priority"]["name"]) == ("acknowledged", name("renamed"), priority), found)
    pd.say("incident log", "incident", "log", "-i", one, expect="Ana")
    pd.say("incident alerts", "incident", "alerts", "-i", one)
    pd.say("incident resolve", "incident", "resolve", "-i", one, "-F", ME)
    check("it is resolved", pd.get("incidents/" + one)["incident"]["status"] == "resolved")
    pd.say("user oncall", "user", "oncall", "-i", ANA, "-a", expect=name("Policy"))


def others(pd, user, team, policy, service, schedule):
    pd.say("event alert", "event", "alert", "-r", KEY, "--summary", name("event"), "--source", "pd", "-d", "pd-1", "-e", MUSTER + "/v2/enqueue")
    pd.say("event alert resolves", "event", "alert", "-r", KEY, "-a", "resolve", "--summary", "x", "--source", "pd", "-d", "pd-1", "-e", MUSTER + "/v2/enqueue")
    everything = json.loads(pd.say("rest fetch", "rest", "fetch", "-e", "vendors"))
    check("all pages of vendors", len(everything) == pd.get("vendors", "total=true", "limit=1")["total"], len(everything))
    pd.say("log", "log", "--since", "1 hour ago", "-j")
    for kind, id in (("service", service), ("escalation_policy", policy), ("schedule", schedule), ("team", team), ("user", user)):
        pd.say("delete: " + kind, "util", "deleteresource", "-t", kind, "-i", id, "--force")
        code, _, err = pd.run("rest", "get", "-e", {"escalation_policy": "escalation_policies"}.get(kind, kind + "s") + "/" + id)
        check("404 for a deleted " + kind, code != 0 and ("404" in err or "2100" in err or "Not Found" in err), err)
    code, _, err = pd.run("service", "create", "-n", " ", "-e", "PNOPOLICY")
    check("400", code != 0 and ("2001" in err or "Invalid Input" in err or "400" in err), err)


def main():
    with tempfile.TemporaryDirectory(prefix="muster-pd-") as home:
        pd = Pd(home)
        made = configuration(pd)
        incidents(pd, made[3], made[2])
        others(pd, *made)
    print("done")


main()
