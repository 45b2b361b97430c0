"""A person on call whom nothing can reach is passed over at once, and the next is called without waiting."""


def story(world):
    ghost = world.person("Ghost", methods=())
    for method in world.api.get("/users/%s/contact_methods" % ghost.id)["contact_methods"]:
        world.api.delete("/users/%s/contact_methods/%s" % (ghost.id, method["id"]), status=204)
    ben, = world.people("Ben")
    checkout = world.service("checkout", [[ghost], [ben]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    assert incident.assignees == ["Ben"]
    ben.expect(email=1)
    assert [reason for reason, _ in world.why_not(incident.id, ghost)] == ["no_usable_contact"]
