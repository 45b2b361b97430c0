"""Why: schedules as a story words them, set up through the public API."""


class Schedule:
    def __init__(self, world, name, zone, layers):
        self.world, self.name, self.zone = world, name, zone
        body = {"type": "schedule", "name": name, "time_zone": zone, "schedule_layers": [self.layer(number, layer) for number, layer in enumerate(layers)]}
        document = world.api.post("/schedules", {"schedule": body}, status=201)["schedule"]
        self.id = document["id"]
        self.target = {"id": self.id, "type": "schedule_reference"}

    @staticmethod
    def layer(number, layer):
        fields = dict(layer)
        people, hours = fields.pop("users"), fields.pop("every", 24 * 7)
        return {"name": "Layer %d" % (number + 1), "rotation_virtual_start": fields["start"], "rotation_turn_length_seconds": int(hours * 3600), "end": None,
                "restrictions": [], "users": [{"user": person.reference} for person in people], **fields}

    def override(self, person, start, end):
        answer = self.world.api.post("/schedules/%s/overrides" % self.id, {"overrides": [{"start": start, "end": end, "user": person.reference}]})
        self.world.step()
        return answer

    def final(self, since, until):
        """(start, end, name) of the final schedule in a window."""
        document = self.world.api.get("/schedules/" + self.id, since=since, until=until, time_zone="UTC")["schedule"]
        return [(entry["start"], entry["end"], entry["user"]["summary"]) for entry in document["final_schedule"]["rendered_schedule_entries"]]


def daily(start, hours):
    return {"type": "daily_restriction", "start_time_of_day": start, "duration_seconds": int(hours * 3600)}


def weekly(day, start, hours):
    """day: 1 is Monday."""
    return {"type": "weekly_restriction", "start_day_of_week": day, "start_time_of_day": start, "duration_seconds": int(hours * 3600)}


def paged_at(world, service, moment):
    """Whom trouble at that instant calls, by what reached them: names, sorted. The incident is resolved again."""
    world.until(moment)
    before = {name: len(person.got("email")) for name, person in world.people_by_name.items()}
    incident = service.breaks("Trouble at %s" % moment, key=moment)
    world.settle()
    called = sorted(name for name, person in world.people_by_name.items() if len(person.got("email")) > before[name])
    assert called == incident.assignees, "assigned to %s, but %s were called" % (incident.assignees, called)
    service.resolve_event(moment)
    return called
