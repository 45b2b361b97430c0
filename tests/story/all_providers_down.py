"""Every provider is down for longer than the whole policy takes. Nobody can be reached meanwhile; so the one who is responsible by then is called as soon as a provider
works again, and only about what is still open."""

catch_all = "Nils"
crash = False  # the circuit is the memory of a running process; a new one finds out anew


def accepted(world):
    return [sent for provider in (world.sms_a, world.sms_b) for sent in provider.sent if sent.accepted]


def story(world):
    nils = world.person("Nils", role="admin", methods=("sms",), ladder=[(0, "sms")])
    ana, ben = world.people("Ana", "Ben", methods=("sms",), ladder=[(0, "sms")])
    checkout, printer = world.service("checkout", [[ana], [ben]], minutes=15), world.service("printer", [[ana]], minutes=15)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will(500)
    world.sms_b.will(500)
    incident = checkout.breaks("Checkout is down")
    printer.breaks("Out of paper", key="paper")
    world.advance(hours=1)
    printer.resolve_event("paper")
    world.advance(hours=5)
    assert incident.status == "triggered" and not accepted(world)

    world.sms_a.will("ok")
    world.sms_b.will("ok")
    world.advance(minutes=11)  # the longest pause between two attempts, twice: the first may still be the probe of another provider
    nils.expect(sms=1)
    ana.expect_nothing()
    ben.expect_nothing()
    assert "Checkout is down" in nils.got("sms")[0].text and len(accepted(world)) == 1, accepted(world)
    incident.acknowledge(nils)
    world.advance(hours=1)
    nils.expect(sms=1)
