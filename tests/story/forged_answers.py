"""An answer that does not carry the provider's signature, or comes from a stranger's number, changes nothing."""
from harness import twilio


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    world.advance(minutes=2)
    sms, call = ana.last("sms"), ana.last("phone")

    url = "%s/twilio/%s/sms" % (world.server.url, sms.provider.name)
    fields = {"AccountSid": sms.provider.account, "MessageSid": "SM" + "f" * 32, "From": ana.number, "To": sms.provider.number, "Body": "4"}
    forged = world.callback(url, fields, "not the secret")
    assert forged.status == 403, forged.status
    unsigned = world.callback(url, fields, "x", {"X-Twilio-Signature": ""})
    assert unsigned.status == 403, unsigned.status
    other_account = world.callback(url, fields, world.sms_b.secret)
    assert other_account.status == 403, other_account.status
    world.callback(url, {**fields, "From": "+4915199999999"}, sms.provider.secret)
    assert incident.status == "triggered"

    action, _ = ana.twiml_of(call)
    forged = world.callback(world.server.url + action if action.startswith("/") else action, {"CallSid": call.sid, "Digits": "4", "To": ana.number}, "not the secret")
    assert forged.status == 403, forged.status
    assert incident.status == "triggered"
    ana.replies("4", sms)
    assert incident.status == "acknowledged"
