"""Many incidents for one person at once are one bundled message, in which every one of them can be found."""


def story(world):
    ana, = world.people("Ana")
    services = [world.service("service-%02d" % number, [[ana]], minutes=30) for number in range(20)]
    world.begin("2026-02-10T02:00:00Z")
    incidents = [service.breaks("Trouble %02d" % number, key="k") for number, service in enumerate(services)]
    world.advance(minutes=6)
    messages = ana.got("sms")
    assert 1 <= len(messages) <= 10, "twenty incidents in one minute are no twenty messages: %d" % len(messages)
    assert len(ana.got("phone")) <= 15, "calls are bundled too: %d" % len(ana.got("phone"))
    for incident in incidents:
        told = [n for n in world.notifications(incident) if n["channel"] == "sms"]
        assert told and told[-1]["state"] in ("accepted", "delivered"), "every incident counts as told: %s" % told
    seen = " ".join(sent.text for sent in ana.got())
    assert all("Trouble %02d" % number in seen for number in range(20)), "each is reachable from what was sent"
