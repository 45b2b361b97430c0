"""What must report regularly falls silent: an incident opens on its service; the next beat resolves it. Muster's own absence is nobody's silence."""
import urllib.parse


def story(world):
    ana, = world.people("Ana", ladder=[(0, "email")])
    backups = world.service("backups", [[ana]])
    world.begin("2026-02-10T02:00:00Z")
    nightly = world.api.post("/muster/heartbeats", {"heartbeat": {
        "name": "nightly dump", "service": {"id": backups.id, "type": "service_reference"}, "interval_in_seconds": 300, "grace_in_seconds": 60}}, status=201)["heartbeat"]
    path = urllib.parse.urlsplit(nightly["ping_url"]).path
    look = lambda: world.api.get("/muster/heartbeats/" + nightly["id"])["heartbeat"]

    def beat(status=202, key=path):
        answer = world.browser().send("POST", key, {"log": "done"})
        assert answer.status == status, (answer.status, answer.body)
        world.step()

    beat(404, "/muster/heartbeats/" + "x" * 32)
    world.advance(hours=3)
    assert look()["status"] == "waiting" and not world.incidents(backups), "it has never beaten: nobody is called"
    for _ in range(3):
        beat()
        world.advance(minutes=4)
    assert look()["status"] == "beating" and not world.incidents(backups)
    ana.expect_nothing()

    world.advance(minutes=20)  # silence; after a restart on the way it may take one interval and grace longer
    incident, = world.incidents(backups)
    assert incident["title"].startswith("No heartbeat of nightly dump since 2026-02-10T05:08:00Z"), incident["title"]
    assert look()["status"] == "missed"
    ana.expect(email=1)
    if not world.crash:
        assert incident["created_at"] == "2026-02-10T05:14:00Z", incident["created_at"]
    world.advance(hours=2)
    assert len(world.incidents(backups)) == 1, "silence is told once"

    beat()
    assert world.incidents(backups)[0]["status"] == "resolved"
    assert look()["status"] == "beating" and look()["last_beat_at"]

    # The moment at which it was expected passes while Muster is down: it gets a whole interval and grace anew.
    if not world.crash:
        world.advance(minutes=5, seconds=30)
        world.restart()
        world.advance(minutes=2)
        assert len(world.incidents(backups)) == 1 and look()["status"] == "beating"
        world.advance(minutes=4)
        assert len(world.incidents(backups)) == 2 and look()["status"] == "missed"
    else:
        world.advance(minutes=20)
        assert len(world.incidents(backups)) == 2

    world.api.delete("/muster/heartbeats/" + nightly["id"])
    assert {incident["status"] for incident in world.incidents(backups)} == {"resolved"}, "its incident goes with it"
    beat(404)
