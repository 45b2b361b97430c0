"""Five thousand alerts on one service in a minute: none is refused, they are one incident, and Ana is called as for one."""


def batch(world, service, first, count):
    events = [{"routing_key": service.key, "event_action": "trigger", "dedup_key": "host-%d" % number,
               "payload": {"summary": "Host %d is unreachable" % number, "source": "host-%d" % number, "severity": "critical"}} for number in range(first, first + count)]
    answer = world.api.post("/muster/events/batch", {"events": events})
    assert len(answer["results"]) == count
    refused = [result for result in answer["results"] if result["status"] != "success"]
    assert not refused, refused[:3]
    world.step()


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana], [ben]], minutes=5, alert_grouping_parameters={"type": "time", "config": {"timeout": 600}})
    world.begin("2026-02-10T02:00:00Z")
    for part in range(10):
        batch(world, checkout, part * 500, 500)
        world.advance(seconds=6)

    incidents = world.incidents(checkout)
    assert len(incidents) == 1, len(incidents)
    assert incidents[0]["alert_counts"]["all"] == 5000, incidents[0]["alert_counts"]
    ana.expect(email=1, sms=1)
    ana.replies("4")
    batch(world, checkout, 4000, 500)  # the same again: duplicates, no alert more
    assert world.incidents(checkout)[0]["alert_counts"]["all"] == 5000
    world.advance(minutes=10)
    ana.expect(email=1, sms=1)
    ben.expect_nothing()
