"""Why not her? Everyone who came into question and was not called has a reason: later level, a gap, no usable contact, another's turn,
maintenance, an override; and the resolver answers for any service at any time, also for a time to come."""


def reasons(world, incident, person):
    return [reason for reason, _ in world.why_not(incident.id, person)]


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    ghost = world.person("Ghost", methods=())
    for method in world.api.get("/users/%s/contact_methods" % ghost.id)["contact_methods"]:
        world.api.delete("/users/%s/contact_methods/%s" % (ghost.id, method["id"]), status=204)
    primary = world.schedule("pay-primary", "Europe/Berlin", [{"name": "Weekly", "start": "2026-02-09T09:00:00+01:00", "users": [ana, ben]}])
    checkout = world.service("checkout", [[primary, ghost], [cleo]], minutes=5)
    robin = world.service("robin", [[ana, ben]], minutes=5, strategy=["round_robin"])
    works = world.service("works", [[ana]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")

    incident = checkout.breaks("Checkout is down")
    assert reasons(world, incident, ghost) == ["no_usable_contact"]
    assert reasons(world, incident, cleo) == ["later_level"]
    world.advance(minutes=5)
    assert world.why(incident.id, cleo) and "earlier_level" in reasons(world, incident, ana)

    turn = robin.breaks("Robin fails")
    assert turn.assignees == ["Ana"] and reasons(world, turn, ben) == ["round_robin_others_turn"]

    world.maintenance(works, "2026-02-10T02:00:00Z", "2026-02-10T06:00:00Z", ana)
    held = works.breaks("Works fail")
    assert "maintenance" in reasons(world, held, ana)

    # Who is paged if checkout breaks on 28 March 2027 at half past two, Berlin time?
    # That time does not exist: it is asked for as the instant after the gap. Ben has the even weeks.
    answer = world.api.get("/muster/resolve", service=checkout.id, at="2027-03-28T01:00:00Z")
    [first] = [candidate for candidate in answer["levels"][0]["candidates"] if candidate["chosen"]]
    weeks = 58  # Mondays between 9 February 2026 and 28 March 2027
    assert first["name"] == ("Ana" if weeks % 2 == 0 else "Ben"), first
    assert first["via"]["schedule_name"] == "pay-primary" and "would be paged" in first["text"], first
    assert [candidate["name"] for candidate in answer["levels"][1]["candidates"]] == ["Cleo"]
    assert [step["channel"] for step in first["ladder"]] == ["email", "sms", "phone", "phone", "phone"]

    # And in time past: who would have been, by what was known then.
    answer = world.api.get("/muster/why-not", user=cleo.id, service=checkout.id, at="2026-02-10T02:00:00Z")
    assert "later_level" in str(answer) or "level 2" in str(answer), answer
