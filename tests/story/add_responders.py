"""Asked for help, a colleague is called as well; the incident stays with its holder."""


def story(world):
    ana, ben = world.people("Ana", "Ben")
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident = checkout.breaks("Checkout is down")
    incident.acknowledge(ana)
    world.api.post("/incidents/%s/responder_requests" % incident.id, {
        "requester_id": ana.id, "message": "Please look at the database",
        "responder_request_targets": [{"responder_request_target": {"id": ben.id, "type": "user_reference"}}]}, headers={"From": ana.email})
    world.step()
    ben.expect(email=1)
    assert "Please look at the database" in ben.last("email").text
    world.advance(minutes=1)
    ben.expect(email=1, sms=1)
    assert incident.assignees == ["Ana"] and incident.status == "acknowledged"
    incident.resolve(ana)
    world.advance(minutes=30)
    ben.expect(email=1, sms=1)
