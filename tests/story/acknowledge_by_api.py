"""Acknowledging through the API takes the incident: nobody else is called."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")

    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=1)
    before = len(ana.got())
    incident.acknowledge(ana)

    assert incident.status == "acknowledged"
    assert [entry["acknowledger"]["summary"] for entry in incident.document["acknowledgements"]] == ["Ana"]
    assert incident.log("acknowledge")[0]["agent"]["summary"] == "Ana"
    world.advance(hours=2)
    assert len(ana.got()) == before, "no call after the acknowledgement: %s" % ana.got()
    ben.expect_nothing()
    assert incident.status == "acknowledged"
