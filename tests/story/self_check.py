"""What Muster finds wrong with itself, and a night that nobody has, reaches somebody before it hurts: once, and it is over when it is over."""
import os
import sqlite3

catch_all = "Ana"
crash = False  # the check is asked for by the story, a crash between two looks changes nothing it reads


def story(world):
    ana, ben, cleo = world.people("Ana", "Ben", "Cleo", ladder=[(0, "email")])
    nights = world.schedule("nights", "Europe/Berlin", [{"start": "2026-02-02T00:00:00+01:00", "users": [ben]}])
    days = world.schedule("days only", "Europe/Berlin", [
        {"start": "2026-02-02T00:00:00+01:00", "users": [ben], "restrictions": [
            {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 8 * 3600}]}])
    checkout = world.service("checkout", [[nights], [ana]])
    world.begin("2026-02-10T12:00:00Z")
    look = lambda: world.api.post("/muster/self_check")
    mine = lambda **more: [i for i in world.incidents() if i["service"]["summary"] == "Muster itself"]

    assert look() == {"checks": 14, "findings": 0, "gaps": 0, "told": 0}
    assert not mine() and "Muster itself" not in [s["name"] for s in world.everything("/services", "services")], "nothing is made before it is needed"

    # A schedule with its nights off becomes somebody's: the gap comes again every night and is told once, without waking anybody.
    world.service("reports", [[days], [ana]])
    found = look()
    assert (found["gaps"], found["told"]) == (7, 1), found
    gap, = mine()
    assert gap["title"] == "Nobody is on call on schedule days only from 2026-02-10T17:00:00+01:00", gap["title"]
    assert gap["urgency"] == "low" and [a["assignee"]["summary"] for a in gap["assignments"]] == ["Ana"]
    ana.expect(email=1)
    assert look()["told"] == 0
    for _ in range(9):
        world.advance(days=1)
        assert look()["told"] == 0, "the same nights"
    world.advance(hours=8)  # in the middle of a night
    assert look()["told"] == 0
    ana.expect(email=1)
    assert len(mine()) == 1 and mine()[0]["status"] == "triggered"

    # Somebody takes the nights: it is over.
    world.api.put("/schedules/" + days.id, {"schedule": {"type": "schedule", "name": "days only", "time_zone": "Europe/Berlin", "schedule_layers": [
        {"start": "2026-02-02T00:00:00+01:00", "rotation_virtual_start": "2026-02-02T00:00:00+01:00", "rotation_turn_length_seconds": 86400,
         "users": [{"user": {"id": ben.id, "type": "user_reference"}}]}]}})
    assert look()["gaps"] == 0 and mine()[0]["status"] == "resolved"

    if not os.path.exists(os.path.join(world.server.data, "muster.db")):
        return
    # A promise is broken: the state says what never may be. The catch-all is called, once.
    other = sqlite3.connect(os.path.join(world.server.data, "muster.db"), timeout=10)
    other.execute("INSERT INTO schedule_overrides (schedule_id, start_at, end_at, user_id, created_at) SELECT id, 2000000, 1000000, ?, 0 FROM schedules LIMIT 1", (ben.id,))
    other.commit()
    found = look()
    assert (found["findings"], found["told"]) == (1, 1), found
    broken = [i for i in mine() if i["status"] != "resolved"]
    assert len(broken) == 1 and "no override ends before it begins (S1)" in broken[0]["title"], broken
    assert broken[0]["urgency"] == "high"
    ana.expect(email=2)
    assert look()["told"] == 0
    assert "muster_audit_findings 1" in world.api.send("GET", "/metrics").text
    other.execute("DELETE FROM schedule_overrides WHERE end_at < start_at")
    other.commit()
    other.close()
    assert look()["findings"] == 0 and all(i["status"] == "resolved" for i in mine())
    assert checkout.breaks("Checkout is down").assignees == ["Ben"]
