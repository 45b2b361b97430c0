"""An address that nobody proved to be theirs is never called; a wrong code proves nothing."""


def story(world):
    ana = world.person("Ana", methods=("email",))
    path = "/users/%s/contact_methods" % ana.id
    method = world.api.post(path, {"contact_method": {"type": "sms_contact_method", "label": "New", "country_code": 49, "address": ana.number[3:]}}, status=201)["contact_method"]
    world.api.post("/users/%s/notification_rules" % ana.id, {"notification_rule": {
        "type": "assignment_notification_rule", "start_delay_in_minutes": 1, "urgency": "high",
        "contact_method": {"id": method["id"], "type": "sms_contact_method"}}}, status=201)
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    checkout.breaks("Checkout is down", key="a")
    world.advance(minutes=10)
    ana.expect(email=1)

    ana.methods["sms"] = method["id"]
    world.api.post(path + "/%s/send_code" % method["id"])
    code = ana.code_in(ana.last("sms"))
    wrong = "%06d" % ((int(code) + 1) % 1000000)
    assert world.api.send("POST", path + "/%s/verify" % method["id"], {"code": wrong}).status == 400
    world.api.post(path + "/%s/verify" % method["id"], {"code": code})
    world.step()
    checkout.breaks("Checkout is down again", key="b")
    world.advance(minutes=1)
    assert len(ana.got("sms")) == 2, ana.got("sms")
