"""Practice scenario S6: an SMS provider fails; the other takes over, then calls; the circuit opens, probes, and recovers.

What of S6 does not exist yet and is not told here: the incident on a service muster-delivery for the NOC, push, chat and desktop, the
break-glass card, and the late copy that says "already acknowledged"."""

crash = False  # the circuit is the memory of a running process; a new one finds out anew


def story(world):
    people = world.people("Ana", "Ben", "Cleo", "Dan", "Nia", "Noor")
    ana = people[0]
    services = [world.service("service-%s" % person.name, [[person]], minutes=60) for person in people]
    world.begin("2026-02-10T02:00:00Z")

    # 1. The attempt on sms-a fails, sms-b is tried at once in the same step.
    world.sms_a.will(500)
    incident = services[0].breaks("Checkout is down", key="k")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    assert ana.got("sms")[0].provider is world.sms_b
    states = [(n["provider"], n["state"]) for n in world.notifications(incident) if n["channel"] == "sms"]
    assert states[0] == ("sms-a", "temporary") and states[-1][0] == "sms-b", states
    services[0].resolve_event("k")

    # 4. After five failures in a minute others go directly to sms-b.
    for person, service in list(zip(people, services))[1:]:
        service.event("Trouble", key="k")
    world.advance(minutes=1)
    for person in people[1:]:
        assert len(person.got("sms")) == 1, person.got()
    tried = len(world.sms_a.sent)
    assert tried >= 5, tried
    services[0].event("Checkout is down", key="again")
    world.advance(minutes=1)
    assert len(world.sms_a.sent) <= tried + 2, "the circuit is open; only the probe may ask"
    assert len(ana.got("sms")) == 2
    down = world.api.get("/muster/providers")["providers"]
    assert [p for p in down if p["name"] == "sms-a"][0]["circuit_open"], down

    # It recovers, and says so.
    world.sms_a.will("ok")
    for minute in range(4):
        for service in services[1:]:
            service.event("More trouble", key="more-%d" % minute)
        world.advance(minutes=1)
    assert any(sent.accepted for sent in world.sms_a.sent), "a probe found that it works again"
    assert not [p for p in world.api.get("/muster/providers")["providers"] if p["name"] == "sms-a"][0]["circuit_open"]
