"""Everything that happened to an incident is one list in order, with who did it; a note by a colleague acknowledges nothing."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down", key="a")
    ana.expect(email=1)
    incident.note(ben, "The database moved last night")
    assert incident.status == "triggered"
    incident.acknowledge(ana)
    incident.change(ana, title="Checkout is down: database moved")
    incident.escalate(ana, 2)
    incident.resolve(ben)
    kinds = [entry["type"].removesuffix("_log_entry") for entry in incident.log()]
    for kind in ("trigger", "assign", "notify", "annotate", "acknowledge", "escalate", "resolve"):
        assert kind in kinds, (kind, kinds)
    assert kinds[0] == "trigger" and kinds.index("annotate") < kinds.index("acknowledge") < kinds.index("resolve"), kinds
    assert incident.log("annotate")[0]["agent"]["summary"] == "Ben"
    assert incident.log("resolve")[0]["agent"]["summary"] == "Ben"
    notes = world.api.get("/incidents/%s/notes" % incident.id)["notes"]
    assert [note["content"] for note in notes] == ["The database moved last night"]
    assert incident.document["title"] == "Checkout is down: database moved"
    # Resolved is final.
    refused = world.api.send("PUT", "/incidents/" + incident.id, {"incident": {"type": "incident_reference", "status": "acknowledged"}}, {"From": ana.email})
    assert refused.status == 400 or incident.status == "resolved", (refused.status, refused.text)
    assert incident.status == "resolved"
