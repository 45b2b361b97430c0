"""A deployment calls nobody and is not lost; whoever is woken an hour later sees it beside the incident, with what changed below that service."""


def report(world, service, summary, **payload):
    body = {"routing_key": service.key, "payload": {"summary": summary, "source": "builder", **payload}}
    world.api.post("/v2/change/enqueue", body, headers={"Authorization": ""}, status=202)
    world.step()


def before(world, incident):
    return [(one["summary"], one["correlation_reason"]["reason"]) for one in world.api.get("/incidents/%s/related_change_events" % incident.id)["change_events"]]


def story(world):
    ana, = world.people("Ana")
    network, database, shop = (world.service(name, [[ana]]) for name in ("network", "database", "shop"))
    for below, above in ((network, database), (database, shop)):
        sides = {"supporting_service": {"id": below.id, "type": "service"}, "dependent_service": {"id": above.id, "type": "service"}}
        world.api.post("/service_dependencies/associate", {"relationships": [sides]})
    world.begin("2026-02-10T02:00:00Z")
    report(world, shop, "Shop 4.1 deployed")
    report(world, network, "Router replaced", timestamp="2026-02-10T01:00:00Z")
    report(world, shop, "Shop 4.0 deployed", timestamp="2026-02-08T10:00:00Z")
    world.advance(hours=1)
    world.nobody_was_paged()
    assert world.incidents() == []

    incident = shop.breaks("Orders fail")
    ana.expect(email=1)
    assert before(world, incident) == [("Shop 4.1 deployed", "most_recent"), ("Router replaced", "related_service")], before(world, incident)
    world.advance(minutes=5)
    report(world, shop, "Shop 4.1 rolled back")
    incident.resolve(ana)
    world.advance(minutes=5)
    report(world, shop, "Shop 4.2 deployed")
    assert [summary for summary, _ in before(world, incident)] == ["Shop 4.1 rolled back", "Shop 4.1 deployed", "Router replaced"], before(world, incident)
