"""Whoever follows a business service is told, once and by mail, what is said about incidents of the services that it rests on, and of no others."""


def story(world):
    ana, ben, cleo, dan = world.people("Ana", "Ben", "Cleo", "Dan")
    team = world.api.post("/teams", {"team": {"type": "team", "name": "Sales"}}, status=201)["team"]
    for person in (ben, cleo):
        world.api.send("PUT", "/teams/%s/users/%s" % (team["id"], person.id), {"role": "observer"})
    database, printer = world.service("database", [[ana]], minutes=30), world.service("printer", [[ana]], minutes=30)
    shop, market = (world.api.post("/business_services", {"business_service": {"name": name}}, status=200)["business_service"] for name in ("Shop", "Market"))

    def rests(dependent, kind, supporting, supporting_kind):
        relation = {"supporting_service": {"id": supporting, "type": supporting_kind}, "dependent_service": {"id": dependent, "type": kind}}
        world.api.post("/service_dependencies/associate", {"relationships": [relation]}, status=200)

    # The market rests on the shop, the shop on the database, nothing on the printer.
    rests(shop["id"], "business_service", database.id, "service")
    rests(market["id"], "business_service", shop["id"], "business_service")

    def follow(path, *subscribers):
        wanted = [{"subscriber_type": kind, "subscriber_id": identifier} for kind, identifier in subscribers]
        world.api.post(path, {"subscribers": wanted}, status=200)

    world.begin("2026-02-10T02:00:00Z")
    broken, jammed = database.breaks("Tables are locked", key="a"), printer.breaks("Paper", key="b")
    ana.expect(email=2)
    for incident in (broken, jammed):
        incident.acknowledge(ana)
    # Cleo follows four times: the shop, the market, the market as one of her team, and the incident itself.
    follow("/business_services/%s/subscribers" % shop["id"], ("user", cleo.id))
    follow("/business_services/%s/subscribers" % market["id"], ("user", cleo.id), ("team", team["id"]))
    follow("/incidents/%s/status_updates/subscribers" % broken.id, ("user", cleo.id))
    follow("/incidents/%s/status_updates/subscribers" % jammed.id, ("user", dan.id))
    for incident, message in ((broken, "We unlock them."), (jammed, "We pull it out.")):
        world.api.post("/incidents/%s/status_updates" % incident.id, {"message": message}, headers={"From": ana.email}, status=200)
        world.step()
    for person, words in ((ben, "We unlock them."), (cleo, "We unlock them."), (dan, "We pull it out.")):
        person.expect(email=1)
        assert words in person.last("email").body, person.last("email").body
        assert "or a business service that rests on its service" in person.last("email").body, person.last("email").body
    world.api.post("/business_services/%s/unsubscribe" % market["id"], {"subscribers": [{"subscriber_type": "team", "subscriber_id": team["id"]}]}, status=200)
    broken.resolve(ana)
    world.api.post("/incidents/%s/status_updates" % broken.id, {"message": "All is well."}, headers={"From": ana.email}, status=200)
    world.step()
    ben.expect(email=1)  # his team follows no longer
    cleo.expect(email=2)
    dan.expect(email=1)
