"""Subscribers that fail, lie, redirect, hang or are gone: each gets what it can be told, in order, for two days; then it is left alone for a day and an alarm says so."""
from harness.webhooks import Subscriber

settings = "webhook_private = yes\nwebhook_timeout_s = 30"


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    shop = world.service("shop", [[ana]])
    receiver = Subscriber(world)
    try:
        tell(world, receiver, ana, shop)
    finally:
        receiver.stop()


def look(world, subscription):
    shown = world.api.get("/webhook_subscriptions/" + subscription["id"])["webhook_subscription"]
    return shown["delivery_method"]["temporarily_disabled"], shown["muster"]["disabled_reason"], shown["muster"]["disabled_until"]


def alarms(world):
    return [alarm["text"] for alarm in world.api.get("/muster/alarms")["alarms"] if alarm["kind"] == "webhook"]


def tell(world, receiver, ana, shop):
    paths = {path: receiver.subscribe(path="/" + path, description=path) for path in
             ("fails", "refuses", "garbage", "redirect", "gone", "drops", "closed", "late")}
    receiver.be(503, "/fails")
    receiver.be(404, "/refuses")
    receiver.be("garbage", "/garbage")
    receiver.be("redirect", "/redirect")
    receiver.be(410, "/gone")
    receiver.be("drop", "/drops")
    receiver.be("refuse", "/closed")
    receiver.be(429, "/late")
    world.begin("2026-02-10T02:00:00Z")

    incident = shop.breaks("The shop is shut")
    incident.acknowledge(ana)
    world.settle()
    # One event of an incident at a time: what failed comes before what follows.
    assert receiver.types("/garbage") == ["incident.triggered", "incident.acknowledged"], "2xx is an answer, whatever the body says"
    assert set(receiver.types("/fails", taken=False)) == {"incident.triggered"}, receiver.types("/fails", taken=False)
    assert receiver.types("/trap", taken=False) == [], "redirects are not followed"
    assert look(world, paths["gone"]) == (True, "it answered 410 Gone", None), look(world, paths["gone"])
    gone = {(received.type, received.id) for received in receiver.once("/gone", taken=False)}  # killed before it knew the answer, Muster asks once more
    assert [kind for kind, _ in gone] == ["incident.triggered"], gone
    assert look(world, paths["refuses"])[0] is False, "two refusals are not three"

    # Another incident of the same subscription goes on while the first waits.
    other = shop.breaks("The shop is shut, too")
    world.settle()
    assert {received.resource for received in receiver.attempts if received.path == "/drops"} == {incident.id, other.id}
    for path, status in (("refuses", "HTTP 404"), ("redirect", "HTTP 302")):
        disabled, reason, until = look(world, paths[path])
        assert disabled and status in reason and until == "2026-02-11T02:00:00Z", (path, reason, until)
    assert len(alarms(world)) == 3, alarms(world)
    dropped = receiver.deliveries(paths["refuses"])
    assert {(entry["state"], entry["status_code"]) for entry in dropped} == {("dropped", 404)}, dropped

    # It answers again after some minutes: everything, in order, each once more than it failed.
    attempts = len(receiver.types("/fails", taken=False))
    world.advance(minutes=20)
    assert attempts < len(receiver.types("/fails", taken=False)) < 40, "tried again, with growing pauses"
    receiver.be("ok", "/fails")
    receiver.be("ok", "/drops")
    receiver.answer_headers["Retry-After"] = "7200"
    world.advance(minutes=40)
    for path in ("/fails", "/drops"):
        assert [r.type for r in receiver.once(path) if r.resource == incident.id] == ["incident.triggered", "incident.acknowledged"], (path, receiver.taken)
        assert [r.type for r in receiver.once(path) if r.resource == other.id] == ["incident.triggered", "incident.escalated"], (path, receiver.taken)
        assert len({r.id for r in receiver.attempts if r.path == path}) == 4, "a repeat has the id of what it repeats"
        assert {r.body for r in receiver.attempts if r.path == path} == {r.body for r in receiver.taken if r.path == path}, "and its bytes"
    waits = receiver.deliveries(paths["closed"], state="queued")
    assert waits and waits[0]["status_code"] is None and waits[0]["error"] and waits[0]["next_attempt_at"], waits

    # Two days without an answer: left alone for a day, what waited is dropped; afterwards new events are told again.
    before = len(receiver.types("/late", taken=False))
    world.advance(hours=46)
    assert look(world, paths["closed"])[0] is False and len(receiver.types("/late", taken=False)) - before < 60, "Retry-After is heard"
    world.advance(hours=2)
    disabled, reason, until = look(world, paths["closed"])
    assert disabled and "48 hours" in reason and until, reason
    assert {entry["state"] for entry in receiver.deliveries(paths["closed"])} == {"dropped"}
    receiver.be("ok", "/closed")
    incident.note(ana, "Told to nobody who is disabled")
    world.settle()
    assert receiver.types("/closed") == []
    world.advance(hours=25)
    assert look(world, paths["closed"]) == (False, None, None)
    assert not any("closed" in text for text in alarms(world)), alarms(world)
    incident.note(ana, "Told again")
    world.settle()
    assert [r.data["content"] for r in receiver.once("/closed")] == ["Told again"]

    # What answered 410 waits for somebody.
    receiver.be("ok", "/gone")
    assert world.api.send("POST", "/webhook_subscriptions/%s/ping" % paths["gone"]["id"]).status == 400
    enabled = world.api.post("/webhook_subscriptions/%s/enable" % paths["gone"]["id"])["webhook_subscription"]
    assert enabled["delivery_method"]["temporarily_disabled"] is False
    world.step()
    answer = world.api.send("POST", "/webhook_subscriptions/%s/ping" % paths["gone"]["id"])
    assert answer.status == 202, answer.status
    world.step()
    world.settle()
    assert receiver.types("/gone") == ["pagey.ping"], receiver.types("/gone")
    world.advance(days=20)
    assert receiver.deliveries(paths["closed"]) == [], "the log is forgotten after a week"
