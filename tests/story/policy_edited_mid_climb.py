"""An open incident climbs the policy it started with; the edited one counts for the next incident."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    policy = world.policy([[ana], [ben]], minutes=5)
    checkout = world.service("checkout", policy=policy)
    world.begin("2026-02-10T02:00:00Z")
    old = checkout.breaks("Checkout is down", key="old")
    world.advance(minutes=1)
    world.api.put("/escalation_policies/" + policy["id"], {"escalation_policy": {
        "type": "escalation_policy", "name": policy["name"], "num_loops": 0, "escalation_rules": [
            {"escalation_delay_in_minutes": 5, "targets": [cleo.target]}]}})
    world.step()
    new = checkout.breaks("Checkout is slow", key="new")
    assert new.assignees == ["Cleo"]
    world.advance(minutes=4)
    assert old.assignees == ["Ben"]
    ben.expect(email=1)
