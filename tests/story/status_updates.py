"""Those who follow an incident are told what is said about it, once and by mail, whether by name or as members of a team; it calls nobody."""


def story(world):
    ana, ben, cleo, dan = world.people("Ana", "Ben", "Cleo", "Dan")
    team = world.api.post("/teams", {"team": {"type": "team", "name": "Support"}}, status=201)["team"]
    for person in (ben, cleo):
        world.api.send("PUT", "/teams/%s/users/%s" % (team["id"], person.id), {"role": "observer"})
    checkout = world.service("checkout", [[ana]], minutes=30)
    world.begin("2026-02-10T02:00:00Z")
    incident, other = checkout.breaks("Checkout is down", key="a"), checkout.breaks("Payments too", key="b")
    ana.expect(email=2)
    incident.acknowledge(ana)
    other.acknowledge(ana)

    def follow(what, *subscribers):
        path = "/incidents/%s/status_updates/subscribers" % what.id
        wanted = [{"subscriber_type": kind, "subscriber_id": identifier} for kind, identifier in subscribers]
        return [one["result"] for one in world.api.post(path, {"subscribers": wanted}, status=200)["subscriptions"]]

    def say(message, **more):
        world.api.post("/incidents/%s/status_updates" % incident.id, {"message": message, **more}, headers={"From": ana.email}, status=200)
        world.step()

    # Cleo is asked for twice, by name and in the team: told once.
    assert follow(incident, ("team", team["id"]), ("user", cleo.id)) == ["success", "success"]
    assert follow(other, ("user", dan.id), ("user", dan.id)) == ["success", "duplicate"]
    say("We found the broken switch.", html_message="<p>We found the <b>broken switch</b>: <a href='https://wiki.example/switch'>which</a>"
        "<script>steal()</script><img src=https://evil.example/x.png onerror=steal()></div></body>")
    for person in (ben, cleo):
        person.expect(email=1)
        mail = person.last("email")
        assert "broken switch" in mail.text and "Checkout is down" in mail.subject, mail
        assert "We found the broken switch." in mail.body and "wiki.example" not in mail.body, mail.body
        assert "<p>We found the <b>broken switch</b>: <a href=\"https://wiki.example/switch\"" in mail.html and "steal" not in mail.html and "evil" not in mail.html, mail.html
        assert mail.html.rstrip().endswith("</div></body></html>") and mail.html.count("</body>") == 1, mail.html
        for words in ("broken switch", "Checkout is down", "acknowledged", "Ana", "03:00", "/app/incidents/" + incident.id):
            assert words in mail.html, (words, mail.html)
        assert mail.body.index("broken switch") < mail.body.index("acknowledged"), mail.body
    dan.expect_nothing()
    # Whoever follows an incident that flows into another follows on.
    incident.merge(ana, other)
    gone = world.api.post("/incidents/%s/status_updates/unsubscribe" % incident.id, {"subscribers": [
        {"subscriber_type": "team", "subscriber_id": team["id"]}, {"subscriber_type": "user", "subscriber_id": ben.id}]}, status=200)
    assert (gone["deleted_count"], gone["non_existent_count"]) == (1, 1), gone
    incident.resolve(ana)
    say("It works again.", subject="All clear")
    ben.expect(email=1)
    cleo.expect(email=2)
    dan.expect(email=1)
    assert dan.last("email").subject.endswith("All clear"), dan.last("email").subject
    ana.expect(email=2)  # she follows nothing
    said = [entry for entry in incident.log("annotate") if entry["summary"].startswith("Status update")]
    assert [entry["channel"]["summary"] for entry in said] == ["We found the broken switch.", "It works again."], said
    assert all("Ana" in entry["summary"] and "people: 2" in entry["summary"] for entry in said), said
