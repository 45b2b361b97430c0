"""Round robin: one person of the level is called per incident, each in turn, all of them fairly."""


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo")
    checkout = world.service("checkout", [[ana, ben, cleo]], minutes=30, strategy=["round_robin"])
    world.begin("2026-02-10T02:00:00Z")
    order = []
    for number in range(6):
        incident = checkout.breaks("Trouble %d" % number, key="trouble-%d" % number)
        assert len(incident.assignees) == 1, incident.assignees
        order += incident.assignees
        incident.resolve(ana)
    assert sorted(order) == ["Ana", "Ana", "Ben", "Ben", "Cleo", "Cleo"], order
    assert order[:3] == order[3:], order
