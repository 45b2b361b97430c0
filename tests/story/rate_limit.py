"""An account that may send two messages a minute sends the urgent one first, however many lesser ones wait; those go out later, none is lost."""

provider_settings = "rate_per_minute = 2"
crash = False  # a new process starts with a full allowance


def story(world):
    quiet = [world.person("Quiet%d" % number, methods=("sms",), ladder=[(0, "sms")], low_ladder=[(0, "sms")]) for number in range(8)]
    ben = world.person("Ben", methods=("sms",), ladder=[(0, "sms")], low_ladder=[])
    low = [world.service("printer-%d" % number, [[person]], minutes=60, incident_urgency_rule={"type": "constant", "urgency": "low"}) for number, person in enumerate(quiet)]
    checkout = world.service("checkout", [[ben]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    for service in low:
        service.event("Labels are crooked", key="k")
    checkout.event("Checkout is down", key="k")
    world.settle()
    told = sum(len(person.got("sms")) for person in quiet)
    assert told < len(quiet), "the limit of two accounts holds lesser messages back: %d" % told
    world.advance(seconds=31)
    assert len(ben.got("sms")) == 1, "the urgent page does not wait behind them: %s" % world.all_sent()
    waiting = [person.name for person in quiet if not person.got("sms")]
    assert waiting, "and they still wait"
    world.advance(minutes=10)
    assert all(len(person.got("sms")) == 1 for person in quiet), [len(person.got("sms")) for person in quiet]
    for provider in (world.sms_a, world.sms_b):
        assert len([sent for sent in provider.sent if sent.accepted]) <= 2 * 11 + 2
