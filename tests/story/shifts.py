"""On a shift-based schedule everybody whose shift it is gets the page at once, is told beforehand, and can ask why; a gap is passed over."""
from harness.schedules import Rotations, paged_at, shift_event


def story(world):
    ana, ben, cleo, dan = world.people("Ana", "Ben", "Cleo", "Dan")
    primary = Rotations(world, "primary", "Europe/Berlin")
    world.begin("2026-02-02T00:00:00Z")
    nights = primary.rotation(shift_event("Nights", "2026-02-02T20:00:00+01:00", 12, "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", [ana, ben]))
    primary.rotation(shift_event("Shadow", "2026-02-02T20:00:00+01:00", 12, "RRULE:FREQ=WEEKLY;BYDAY=WE", [ben, cleo], everybody=True))
    checkout = world.service("checkout", [[primary], [dan]], minutes=30)
    for person in (ana, cleo):
        world.api.post("/users/%s/oncall_handoff_notification_rules" % person.id, {"oncall_handoff_notification_rule": {
            "handoff_type": "oncall", "notify_advance_in_minutes": 60, "contact_method": {"id": person.methods["sms"], "type": "sms_contact_method"}}}, status=201)

    # Monday night is Ana's, Tuesday night Ben's; on Wednesday Ana has two with her, on Saturday nobody is there.
    assert paged_at(world, checkout, "2026-02-02T19:00:00Z") == ["Ana"]
    assert paged_at(world, checkout, "2026-02-03T19:00:00Z") == ["Ben"]
    told = len(cleo.got("sms"))
    world.until("2026-02-04T18:59:00Z")
    assert len(cleo.got("sms")) == told + 1 and "primary" in cleo.last("sms").text, "Cleo was told an hour before"
    world.until("2026-02-04T19:00:00Z")
    incident = checkout.breaks("Checkout is down", key="wednesday")
    assert incident.assignees == ["Ana", "Ben", "Cleo"], incident.assignees
    sentences = " ".join(world.api.get("/muster/why", incident=incident.id)["sentences"])
    assert "where Ana has a shift of Nights" in sentences and "where Cleo has a shift of Shadow" in sentences, sentences
    later = world.api.get("/muster/resolve", service=checkout.id, at="2026-02-11T20:00:00Z")["sentences"]
    assert any("Cleo would be paged" in sentence and "a shift of Shadow" in sentence for sentence in later), later
    incident.resolve(ana)
    assert paged_at(world, checkout, "2026-02-07T19:00:00Z") == ["Dan"]

    # Dan takes Ana's shift for two hours and has one of his own; history keeps what was.
    primary.override(nights, ana, dan, "2026-02-10T20:00:00Z", "2026-02-10T22:00:00Z")
    primary.custom_shift(dan, "2026-02-10T12:00:00Z", "2026-02-10T13:00:00Z")
    was = primary.final("2026-02-02T00:00:00Z", "2026-02-09T12:00:00Z")
    world.until("2026-02-10T12:30:00Z")
    extra = checkout.breaks("Checkout at noon", key="extra")
    assert extra.assignees == ["Dan"] and "a custom shift puts Dan on call" in " ".join(world.api.get("/muster/why", incident=extra.id)["sentences"])
    extra.resolve(ana)
    world.until("2026-02-10T21:00:00Z")
    covered = checkout.breaks("Checkout again", key="covered")
    assert covered.assignees == ["Dan"], covered.assignees
    assert "an override puts Dan on call" in " ".join(world.api.get("/muster/why", incident=covered.id)["sentences"])
    covered.resolve(ana)
    primary.delete_rotation(nights)
    assert primary.final("2026-02-02T00:00:00Z", "2026-02-09T12:00:00Z") == was, "what was stays"
    assert paged_at(world, checkout, "2026-02-11T19:00:00Z") == ["Ben", "Cleo"]
