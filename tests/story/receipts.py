"""Receipts may come late, twice and out of order: the last truth stands, and a late failure moves the ladder on."""

crash = "step"  # killed while the text is on its way, Muster sends it again, and the receipts would be about the first


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    world.sms_a.will("silent")
    incident = checkout.breaks("Checkout is down", key="a")
    world.advance(minutes=1)
    sms = ana.last("sms")

    def state():
        return [n["state"] for n in world.notifications(incident) if n["channel"] == "sms"]
    assert state() == ["accepted"], state()
    for status in ("sent", "delivered", "sent", "queued", "delivered"):
        answer = sms.provider.receipt(sms, status)
        assert answer.status in (200, 204), (answer.status, answer.text)
        world.step()
    assert state() == ["delivered"], state()
    assert len(ana.heard("sms")) == 1

    # Delivered later than the acknowledgement: it is recorded, nothing else changes.
    incident.acknowledge(ana)
    sms.provider.receipt(sms, "failed", 30003)
    world.step()
    assert state() == ["delivered"], state()
    assert incident.status == "acknowledged"
    world.advance(hours=1)
    ana.expect(email=1, sms=1)
