"""A storm on a service without grouping: every alert is an incident of its own and is told, but in bundles a person can read."""
from alert_storm import batch


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    for part in range(4):
        batch(world, checkout, part * 250, 250)
    assert world.api.get("/incidents", statuses=["triggered"], limit=1, total="true")["total"] == 1000
    world.advance(minutes=6)
    count = len(ana.got())
    assert 3 <= count <= 40, "%d messages for a thousand incidents" % count
    untold = [incident["title"] for incident in world.incidents(checkout)[::50]
              if not any(n["state"] in ("accepted", "delivered") for n in world.notifications_by_id(incident["id"]))]
    assert not untold, "each incident counts as told, but: %s" % untold
