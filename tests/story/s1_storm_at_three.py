"""Practice scenario S1: an alert storm at three in the morning, and the primary sleeps.

What of S1 does not exist yet and is therefore not told here: the triage card and central_first (core-switch and label-printer are ordinary
services here), the link between checkout and ledger-db, push as a channel (so one interruptive step fewer per ladder: SMS instead of push and
SMS), hours of rest and the reports about interrupted sleep."""


def events(service, first, count, severity="critical"):
    return [{"routing_key": service.key, "event_action": "trigger", "dedup_key": "%s-%d" % (service.name, number),
             "payload": {"summary": "%s: check %d fails" % (service.name, number), "source": service.name, "severity": severity}} for number in range(first, first + count)]


def story(world):
    grouped = {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 600}}}
    ana, ben, cleo, dan, mara = world.people("Ana", "Ben", "Cleo", "Dan", "Mara")
    deepa = world.person("Deepa", zone="Asia/Kolkata")
    nia, nils = world.people("Nia", "Nils")
    primary = world.schedule("pay-primary", "Europe/Berlin", [{"start": "2026-02-09T09:00:00+01:00", "users": [ana, ben, cleo, dan]}])
    backup = world.schedule("pay-backup", "Europe/Berlin", [{"start": "2026-02-09T09:00:00+01:00", "users": [ben, cleo, dan, ana]}])
    shifts = world.schedule("noc-l1", "UTC", [{"start": "2026-02-09T22:00:00Z", "every": 8, "users": [nia, nils]}])
    checkout = world.service("checkout", [[primary], [backup], [mara]], minutes=5, **grouped)
    ledger = world.service("ledger-db", [[deepa], [mara]], minutes=5, **grouped)
    switch = world.service("core-switch", [[shifts], [nils]], minutes=5, **grouped)
    printer = world.service("label-printer", [[nils]], minutes=5, incident_urgency_rule={"type": "constant", "urgency": "low"}, **grouped)
    world.begin("2026-02-10T02:00:00Z")

    def send(wave):
        answer = world.api.post("/muster/events/batch", {"events": wave})
        assert all(result["status"] == "success" for result in answer["results"])
        world.step()

    # T to T+1:30: 1,200 events with keys of their own, and one trap at T+0:45.
    for part in range(4):
        if part:
            world.until("2026-02-10T02:%02d:%02dZ" % divmod(part * 30 - (15 if part == 2 else 0), 60))
        if part == 2:
            switch.event("Link down on core-switch", key="trap")
            assert len(nia.got("email")) == 1 or nia.last("email"), "Nia hears at once"
            world.until("2026-02-10T02:01:00Z")
            nia.replies("4", nia.last("sms")) if nia.got("sms") else world.incidents(switch)
        send(events(checkout, part * 125, 125) + events(ledger, part * 150, 150) + events(printer, part * 25, 25, "warning"))
    world.until("2026-02-10T02:01:45Z")
    if world.incidents(switch)[0]["status"] == "triggered":
        nia.replies("4")
    deepa.replies("4")

    found = {service.name: world.incidents(service) for service in (checkout, ledger, switch, printer)}
    assert all(len(incidents) == 1 for incidents in found.values()), {name: len(i) for name, i in found.items()}
    counts = [found[name][0]["alert_counts"]["all"] for name in ("checkout", "ledger-db", "label-printer", "core-switch")]
    assert counts == [500, 600, 100, 1], counts

    world.until("2026-02-10T02:04:59Z")
    ben.expect_nothing()
    world.until("2026-02-10T02:05:00Z")
    ana.expect(email=1, sms=1, phone=3)
    assert len(ben.got()) == 1, "Ben's first notification is at T+5:00"
    world.until("2026-02-10T02:06:30Z")
    ben.replies("4")
    world.until("2026-02-10T03:00:00Z")
    ana.expect(email=1, sms=1, phone=3)  # nothing after T+5:00
    ben.expect(email=1, sms=1)           # no voice at T+7
    deepa.expect(email=1, sms=1)
    nia.expect(email=1, sms=1)
    mara.expect_nothing()
    assert not nils.got("sms") and not nils.got("phone"), "label-printer interrupts nobody"

    incident = found["checkout"][0]
    [(decision, candidate)] = world.why(incident["id"], ben)
    assert decision["level"] == 2 and candidate["via"]["schedule"]["summary"] == "pay-backup", candidate
    assert "pay-backup" in candidate["text"] and "level 2" in candidate["text"], candidate["text"]
