"""A mail shows what its sender told: source, severity, links and details of the alert; what is not text or too much does no harm."""


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    checkout = world.service("checkout", [[ana]], minutes=60)
    world.begin("2026-02-10T02:00:00Z")
    world.api.post("/v2/enqueue", {
        "routing_key": checkout.key, "event_action": "trigger", "client": "Grafana", "client_url": "https://grafana.example.org/d/1",
        "links": [{"href": "https://runbook.example.org/disk", "text": "Runbook"}, {"href": "https://wiki.example.org"}],
        "payload": {"summary": "Disk is full", "source": "db-1.example.org", "severity": "critical", "component": "postgres",
                    "custom_details": {"free": "3 GB", "mounts": ["/var", "/srv"], "markup": "<b>bold</b>\r\nBcc: eve@example.org", "long": "x" * 5000}}},
                   headers={"Authorization": ""}, status=202)
    world.step()
    mail = ana.last("email")
    for line in ("Severity  critical", "Source: db-1.example.org", "Component: postgres", "Reported by: Grafana", "Runbook: https://runbook.example.org/disk",
                 "Link: https://wiki.example.org", "free: 3 GB", 'mounts: ["/var","/srv"]'):
        assert line in mail.body.splitlines(), (line, mail.body)
    assert "Bcc" not in mail.document and "x" * 400 not in mail.body and "x" * 200 in mail.body, mail.body
    assert "<b>bold" not in mail.html and "&lt;b&gt;bold" in mail.html and "db-1.example.org" in mail.html

    world.api.post("/incidents", {"incident": {"type": "incident", "title": "By hand", "service": {"id": checkout.id, "type": "service_reference"}}},
                   headers={"From": ana.email}, status=201)
    world.step()
    assert "By hand" in ana.last("email").body and "Source" not in ana.last("email").body
