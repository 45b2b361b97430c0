"""Nobody answers and the catch-all cannot be reached either: the incident stays with whom it had, and the alarm stands."""
from exhausted_policy import alarmed

catch_all = "Nils"


def story(world):
    nils = world.person("Nils", methods=())
    for method in world.api.get("/users/%s/contact_methods" % nils.id)["contact_methods"]:
        world.api.delete("/users/%s/contact_methods/%s" % (nils.id, method["id"]), status=204)
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=5)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=5)
    assert incident.assignees == ["Ana"] and incident.status == "triggered"
    assert incident.id in alarmed(world)
    ana.replies("4")
    assert incident.status == "acknowledged"
