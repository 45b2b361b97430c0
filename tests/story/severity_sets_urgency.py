"""On a service that goes by severity, critical and error call loudly, warning and info quietly."""


def story(world):
    ana, = world.people("Ana")
    checkout = world.service("checkout", [[ana]], minutes=30, incident_urgency_rule={"type": "constant", "urgency": "severity_based"})
    world.begin("2026-02-10T02:00:00Z")
    urgency = {severity: checkout.breaks("It is " + severity, key=severity, severity=severity).document["urgency"] for severity in ("critical", "error", "warning", "info")}
    assert urgency == {"critical": "high", "error": "high", "warning": "low", "info": "low"}, urgency
