"""In support hours a service is urgent, outside it waits; what still waits when the hours begin becomes urgent then."""


def story(world):
    ana, = world.people("Ana")
    printer = world.service("label-printer", [[ana]], minutes=30, incident_urgency_rule={
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"}},
        support_hours={"type": "fixed_time_per_day", "time_zone": "Europe/Berlin", "start_time": "09:00:00", "end_time": "17:00:00", "days_of_week": [1, 2, 3, 4, 5]},
        scheduled_actions=[{"type": "urgency_change", "at": {"type": "named_time", "name": "support_hours_start"}, "to_urgency": "high"}])
    world.begin("2026-02-06T15:59:59Z")  # a Friday, one second before five in Berlin
    during = printer.breaks("Printer is jammed", key="friday")
    assert during.document["urgency"] == "high"
    during.resolve(ana)
    world.settle()
    sent = len(ana.got())

    world.advance(seconds=1)
    outside = printer.breaks("Printer is out of ink", key="weekend")
    assert outside.document["urgency"] == "low"
    world.until("2026-02-09T07:59:59Z")
    assert outside.document["urgency"] == "low" and not ana.got("sms") and len(ana.got()) == sent + 1
    world.advance(seconds=1)  # Monday, nine in Berlin
    assert outside.document["urgency"] == "high"
    world.advance(minutes=1)
    assert len(ana.got("sms")) == 1, ana.got()
