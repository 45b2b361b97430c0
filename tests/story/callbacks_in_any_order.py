"""Whatever order a provider reports in, and however often: the end is the same (K4). Reports for another's message are refused."""
import itertools


def story(world):
    ana, = world.people("Ana", ladder=[(0, "sms"), (30, "sms")])
    world.sms_a.will("silent")
    services = [world.service("service-%d" % number, [[ana]], minutes=600) for number in range(7)]
    world.begin("2026-02-10T02:00:00Z")
    orders = list(itertools.permutations(["queued", "sent", "delivered"])) + [("delivered",) * 3 + ("sent",) * 3]
    for service, order in zip(services, orders):
        incident = service.breaks("Trouble", key="k")
        world.advance(minutes=2)
        sms = ana.last("sms")
        for status in order:
            answer = sms.provider.receipt(sms, status)
            assert answer.status in (200, 204), (answer.status, answer.text)
        world.step()
        states = [n["state"] for n in world.notifications(incident) if n["channel"] == "sms"]
        # A crash may leave an attempt in doubt, which is then repeated: the other one's state is its own.
        assert "delivered" in states and (world.crash or len(states) == 1), (order, states)
        incident.resolve(ana)

    incident = services[0].breaks("More trouble", key="other")
    world.advance(minutes=2)
    sms = ana.last("sms")
    url, provider = sms.fields["StatusCallback"], sms.provider
    fields = {"AccountSid": provider.account, "MessageSid": sms.sid, "MessageStatus": "delivered", "To": ana.number, "From": provider.number}
    # Where a crash has lost the provider's reference, the account's signature and the number must do.
    for wrong in [{"To": "+4915199999999"}] + ([] if world.crash else [{"MessageSid": "SM" + "0" * 32}]):
        answer = world.callback(url, {**fields, **wrong}, provider.secret)
        assert answer.status == 403, (wrong, answer.status)
    assert world.callback(url, fields, (world.sms_b if provider is world.sms_a else world.sms_a).secret).status == 403
    assert world.callback(url[:-len(url.rsplit("/", 1)[1])] + "999999", fields, provider.secret).status == 403
    assert world.callback(url + "?x=1", {**fields, "MessageStatus": "a state of tomorrow"}, provider.secret).status in (200, 204)
    world.step()
    if not world.crash:
        assert [n["state"] for n in world.notifications(incident) if n["channel"] == "sms"] == ["accepted"]
    assert world.callback(url, fields, provider.secret).status in (200, 204)
    world.step()
    assert "delivered" in [n["state"] for n in world.notifications(incident) if n["channel"] == "sms"]
