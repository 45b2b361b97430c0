"""A person who left is never called; the incident goes on to who is there, and says so."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    primary = world.schedule("primary", "Europe/Berlin", [
        {"start": "2026-02-02T09:00:00+01:00", "users": [ana, ben]}])
    policy = world.policy([[primary], [cleo]], minutes=5)
    checkout = world.service("checkout", policy=policy)
    world.begin("2026-02-03T02:00:00Z")

    open_one = checkout.breaks("Checkout is down", key="first")
    world.advance(minutes=1)
    ana.expect(email=1, sms=1)
    # As in PagerDuty a user with open incidents cannot leave before somebody else has them.
    refused = world.api.send("DELETE", "/users/" + ana.id)
    assert refused.status in (400, 409), (refused.status, refused.text)
    open_one.reassign(ben, ben)
    ben_before = len(ben.got())

    left = world.api.send("DELETE", "/users/" + ana.id)
    if left.status != 204:
        # Still named by a schedule: taken out of it first, as the answer says.
        raise AssertionError("a person on a schedule must be able to leave: %s %s" % (left.status, left.text))
    world.step()
    world.advance(minutes=10)
    ana.expect(email=1, sms=1)
    assert len(ben.got()) > ben_before

    next_one = checkout.breaks("Checkout is slow", key="second")
    assert "Ana" not in next_one.assignees and next_one.assignees, next_one.assignees
    world.advance(minutes=5)
    ana.expect(email=1, sms=1)
    assert next_one.status == "triggered"
