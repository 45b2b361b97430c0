"""Whoever takes the pager is told so a day before, whoever hands it over too, if they want it."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    primary = world.schedule("primary", "Europe/Berlin", [{"start": "2026-02-02T09:00:00+01:00", "users": [ana, ben]}])
    world.service("checkout", [[primary]], minutes=30)
    for person in (ana, ben):
        world.api.post("/users/%s/oncall_handoff_notification_rules" % person.id, {"oncall_handoff_notification_rule": {
            "handoff_type": "both", "notify_advance_in_minutes": 60,
            "contact_method": {"id": person.methods["sms"], "type": "sms_contact_method"}}}, status=201)
    world.begin("2026-02-08T12:00:00Z")
    world.until("2026-02-09T06:59:59Z")
    ana.expect_nothing()
    ben.expect_nothing()
    world.until("2026-02-09T07:00:00Z")  # an hour before Monday, nine in Berlin
    ben.expect(sms=1)
    ana.expect(sms=1)
    assert "primary" in ben.last("sms").text
    world.until("2026-02-10T00:00:00Z")
    ben.expect(sms=1)
    ana.expect(sms=1)
