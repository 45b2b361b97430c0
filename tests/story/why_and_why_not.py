"""Whoever is called can ask why, whoever is not can ask why not: for what happened, for what would happen, and for a past moment as it was."""


def answer(world, person, **query):
    return world.api.get("/muster/why-not", user=person.email, **query)["answer"]


def told(world, incident):
    """Every sentence about the incident, in order."""
    return world.api.get("/muster/why", incident=incident.id)["sentences"]


def story(world):
    ana, ben, cleo, dan = world.people("Ana", "Ben", "Cleo", "Dan")
    primary = world.schedule("pay-primary", "Europe/Berlin", [{"start": "2026-02-02T09:00:00+01:00", "users": [ana]}])
    checkout = world.service("checkout", [[primary], [ben]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")

    # The chain behind a call: rule, service, policy and version, level, schedule, layer; and who comes later.
    incident = checkout.breaks("Checkout is down", key="a")
    chain = told(world, incident)[0]
    for part in ("Ana was paged", "service checkout", "checkout policy", "(version 1)", "level 1", "schedule pay-primary", "layer Layer 1", "by e-mail at once"):
        assert part in chain, (part, chain)
    assert answer(world, ben, incident=incident.id) == "Ben was not paged: level 2 is reached only after 5 minutes without an acknowledgement."
    assert "no level of escalation policy" in answer(world, dan, incident=incident.id)

    # Escalated: now Ben was called, and says so by his page as well.
    world.advance(minutes=5)
    decisions = world.api.get("/muster/why", incident=incident.id)["decisions"]
    assert decisions[-1]["text"] == "Nobody answered in time: level 2 was called.", decisions[-1]["text"]
    page = [c["page"] for c in decisions[-1]["candidates"] if c["chosen"]][0]
    assert "Ben was paged because" in world.api.get("/muster/why", page=page["id"])["sentences"][-1]
    incident.resolve(ana)

    # Acknowledged in time: Ben was never reached, because of Ana.
    world.advance(hours=1)
    quick = checkout.breaks("Checkout is slow", key="b")
    quick.acknowledge(ana)
    why_not = answer(world, ben, incident=quick.id)
    assert "acknowledged before" in why_not, why_not
    quick.resolve(ana)

    # By hand, and by an override.
    world.advance(hours=1)
    direct = checkout.breaks("Checkout again", key="c")
    direct.reassign(ana, dan)
    assert any("Dan was paged because" in sentence and "assigned" in sentence for sentence in told(world, direct)), told(world, direct)
    direct.resolve(ana)
    primary.override(cleo, "2026-02-10T06:00:00Z", "2026-02-10T07:00:00Z")
    world.until("2026-02-10T06:30:00Z")
    covered = checkout.breaks("Checkout once more", key="d")
    assert "an override puts Cleo on call" in told(world, covered)[0], told(world, covered)
    assert "no level" in answer(world, ana, incident=covered.id)
    world.advance(minutes=1)
    covered.resolve(ana)

    # Maintenance: nobody, and everybody is told why.
    world.maintenance(checkout, "2026-02-10T08:00:00Z", "2026-02-10T09:00:00Z", ana, "router swap")
    world.until("2026-02-10T08:10:00Z")
    held = checkout.breaks("Checkout in maintenance", key="e")
    assert answer(world, ana, incident=held.id) == "Ana was not paged: the service was in a maintenance window (router swap)."
    held.resolve(ana)

    # Without a record the same plan is asked: the future, in local time, also one that a clock change skips.
    future = world.api.get("/muster/resolve", service=checkout.id, at="2027-03-28T02:30:00", time_zone="Europe/Berlin")
    assert future["at"] == "2027-03-28T03:00:00+02:00", future["at"]
    assert future["sentences"][0].startswith("Ana would be paged because service checkout uses"), future["sentences"]
    assert "would not be paged: level 2 is reached only after 5 minutes" in answer(world, ben, service=checkout.id, at="2027-03-28T00:30:00Z")
    # A past moment with an incident is answered from its record, as it was then.
    past = world.api.get("/muster/why-not", user=ana.email, service=checkout.id, at="2026-02-10T06:30:30Z")
    assert past["recorded"] and past["incident"]["id"] == covered.id and "no level" in past["answer"], past["answer"]
