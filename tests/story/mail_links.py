"""A link works for the person, the incident and the action it was made for, until it expires; scanners that open it change nothing."""
import re


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana]], minutes=60)
    ledger = world.service("ledger", [[ben]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("<script>alert(1)</script> & \"quotes\"", key="a")
    other = ledger.breaks("Ledger is slow", key="b")
    world.advance(minutes=0)
    mail = ana.last("email")
    paths = {action: ana.link(mail, action).path for action in ("acknowledge", "resolve", "escalate")}
    browser = world.browser()

    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        for path in paths.values():
            browser.send(method, path)
    assert (incident.status, other.status) == ("triggered", "triggered") and not incident.log("escalate")
    answer = browser.send("GET", paths["acknowledge"])
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "frame-ancestors 'none'" in policy, policy
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text and "Ana" in answer.text
    assert len(re.findall("<form", answer.text)) == 1 and len(re.findall("<button", answer.text)) == 1

    # Every single character counts.
    token = paths["acknowledge"].rsplit("/", 1)[1]
    for at in list(range(0, len(token), 3)) + [len(token) - 1]:
        bent = token[:at] + ("0" if token[at] != "0" else "1") + token[at + 1:]
        for method in ("GET", "POST"):
            answer = browser.send(method, "/act/" + bent)
            assert answer.status in (403, 404), (method, bent, answer.status)
    number = re.match(r"acknowledge-(\d+)-(\d+)-", token)
    for made_up in (token.replace("-%s-" % number.group(2), "-%d-" % (int(number.group(2)) + 1), 1), token.replace("acknowledge", "resolve"), token.replace(ana.id, ben.id), "acknowledge", "x" * 5000, "%00", "-" * 40):
        assert browser.send("POST", "/act/" + made_up).status in (403, 404, 400, 414), made_up
    assert (incident.status, other.status) == ("triggered", "triggered")

    # Pressed twice is as good as once.
    for _ in range(2):
        assert browser.send("POST", paths["acknowledge"]).status == 200
    assert incident.status == "acknowledged" and len(incident.log("acknowledge")) == 1 and other.status == "triggered"
    assert incident.log("acknowledge")[0]["channel"]["type"] in ("email", "website", "web"), incident.log("acknowledge")[0]["channel"]

    world.advance(days=8)
    answer = browser.send("POST", paths["resolve"])
    assert answer.status == 403 and "expired" in answer.text and incident.status == "acknowledged", answer.text
