"""Alerts of two services that belong together are one incident, by what they say and by when they come; people are called once, and the record says why."""


def setting(world, kind, config, *services):
    body = {"name": "One cause", "type": kind, "config": config, "services": [{"id": service.id, "type": "service_reference"} for service in services]}
    return world.api.post("/alert_grouping_settings", {"alert_grouping_setting": body}, status=201)["alert_grouping_setting"]


def open_incidents(world, *services):
    return [incident for service in services for incident in world.incidents(service, statuses=("triggered", "acknowledged"))]


def counts(world, *services):
    return sorted(incident["alert_counts"]["all"] for incident in open_incidents(world, *services))


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo", ladder=[(0, "email")])
    shop = world.service("shop", [[ana]], minutes=30)
    stock = world.service("stock", [[ben]], minutes=30)
    other = world.service("other", [[cleo]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    by_content(world, ana, ben, shop, stock)
    by_time(world, cleo, other)
    quiet(world, ana, ben, shop, stock)
    left(world, ana, ben, shop, stock)


def by_content(world, ana, ben, shop, stock):
    one = setting(world, "content_based", {"aggregate": "any", "fields": ["component", "custom_details.rack.row"], "time_window": 600}, shop, stock)
    first = shop.breaks("Shop is slow", key="shop-1", component="db", severity="warning")
    ana.expect(email=1)
    world.advance(minutes=9)
    stock.event("Stock is slow", key="stock-1", component="db", custom_details={"rack": {"row": "r7"}})
    world.advance(minutes=9)  # ten minutes after the second alert, eighteen after the first
    stock.event("Fan stopped", key="stock-2", component="fan", custom_details={"rack": {"row": "r7"}})
    shop.event("Door is open", key="shop-2", component="door")
    assert counts(world, shop, stock) == [1, 3], counts(world, shop, stock)
    ben.expect_nothing()
    ana.expect(email=2)  # the door is another matter
    told = [entry["text"] for entry in world.api.get("/muster/incidents/%s/timeline" % first.id)["timeline"]]
    assert any('"Stock is slow"' in line and "grouped: same component, within 10 minutes of its newest alert" in line for line in told), told
    assert any('"Fan stopped"' in line and "grouped: same custom_details.rack.row," in line for line in told), told
    why = world.api.get("/muster/why", incident=first.id)
    reason = "1 alert joined #%d and called nobody by itself: same component, within 10 minutes of its newest alert." % first.number
    assert reason in why["sentences"], why["sentences"]
    grouping = first.document["alert_grouping"]
    assert grouping["grouping_type"] == "rules" and grouping["alert_grouping_active"] is True, grouping

    world.advance(minutes=10)
    stock.event("Stock is slow again", key="stock-3", component="db")
    assert len(open_incidents(world, stock)) == 1, "the window is over: an incident of its own"
    ben.expect(email=1)

    # The incident ends with the last of its alerts, whatever service they are of.
    for service, key in ((shop, "shop-1"), (stock, "stock-1")):
        service.resolve_event(key)
        assert first.status == "triggered"
    stock.resolve_event("stock-2")
    assert first.status == "resolved"
    shop.event("Shop is slow", key="shop-1", component="fan")
    assert sorted(counts(world, shop, stock)) == [1, 1, 1], "nothing joins what is over"
    everything_resolved(world, ana, shop, stock)
    world.api.delete("/alert_grouping_settings/" + one["id"])


def everything_resolved(world, by, *services):
    for incident in open_incidents(world, *services):
        world.api.put("/incidents/" + incident["id"], {"incident": {"type": "incident_reference", "status": "resolved"}}, headers={"From": by.email})
        world.step()


def by_time(world, cleo, other):
    setting(world, "time", {"timeout": 0}, other)
    before = len(cleo.got("email"))
    low = other.breaks("First", key="first")
    world.advance(hours=2)
    other.event("Second", key="second")
    assert low.document["alert_counts"]["all"] == 2
    told = [entry["text"] for entry in world.api.get("/muster/incidents/%s/timeline" % low.id)["timeline"]]
    assert any("grouped: the incident is open" in line for line in told), told
    cleo.expect(email=before + 1)
    everything_resolved(world, cleo, other)


def quiet(world, ana, ben, shop, stock):
    """What waits for the end of a maintenance window takes in nothing of a service that is not maintained."""
    one = setting(world, "time", {"timeout": 3600}, shop, stock)
    world.maintenance(shop, world.now, world.now.replace(hour=(world.now.hour + 1) % 24), ana)
    world.step()
    mails = len(ben.got("email"))
    shop.event("Shop is being painted", key="paint")
    stock.event("Stock burns", key="fire")
    assert counts(world, shop, stock) == [1, 1], counts(world, shop, stock)
    ben.expect(email=mails + 1)
    stock.event("Stock burns more", key="fire-2")
    shop.event("Shop smells of smoke", key="smoke")
    assert counts(world, shop, stock) == [1, 3], counts(world, shop, stock)
    ben.expect(email=mails + 1)
    world.advance(hours=2)
    everything_resolved(world, ana, shop, stock)
    world.api.delete("/alert_grouping_settings/" + one["id"])


def left(world, ana, ben, shop, stock):
    """Parameters of its own take a service out of a shared setting; what it reads and sends back does not."""
    one = setting(world, "time", {"timeout": 3600}, shop, stock)
    path = "/services/" + shop.id
    world.api.put(path, world.api.get(path))
    members = [service["id"] for service in world.api.get("/alert_grouping_settings/" + one["id"])["alert_grouping_setting"]["services"]]
    assert sorted(members) == sorted([shop.id, stock.id]), members
    world.api.put(path, {"service": {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 5}}}})
    members = [service["id"] for service in world.api.get("/alert_grouping_settings/" + one["id"])["alert_grouping_setting"]["services"]]
    assert members == [stock.id], members
    shop.breaks("Alone", key="alone")
    stock.breaks("Alone too", key="alone-too")
    assert counts(world, shop, stock) == [1, 1]
    world.api.put(path, {"service": {"alert_grouping_parameters": {"type": None}}})
    shop.event("Not grouped", key="not-grouped")
    assert counts(world, shop) == [1, 1]
    everything_resolved(world, ana, shop, stock)
