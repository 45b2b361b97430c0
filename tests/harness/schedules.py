"""Why: schedules as a story words them, set up through the public API."""
from datetime import datetime, timedelta


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


def member(person):
    return {"type": "user_member", "user_id": person.id}


def shift_event(name, start, hours, rule, people, everybody=False, shifts=1):
    """An event of a rotation from its first shift on. `start` with an offset."""
    first = datetime.fromisoformat(start)
    strategy = {"type": "every_member_assignment_strategy"} if everybody else {"type": "rotating_member_assignment_strategy", "shifts_per_member": shifts}
    return {"name": name, "start": first, "end": first + timedelta(hours=hours), "recurrence": [rule],
            "assignment_strategy": {**strategy, "members": [member(person) for person in people]}}


class Rotations:
    """A shift-based schedule."""

    def __init__(self, world, name, zone):
        self.world, self.name, self.zone = world, name, zone
        self.id = world.api.post("/v3/schedules", {"schedule": {"name": name, "time_zone": zone}}, status=201)["schedule"]["id"]
        self.path = "/v3/schedules/" + self.id
        self.target = {"id": self.id, "type": "schedule_v3_reference"}

    def rotation(self, *events):
        """The id of a new rotation."""
        rotation = self.world.api.post(self.path + "/rotations", {}, status=201)["rotation"]["id"]
        for event in events:
            body = {key: value for key, value in event.items() if key not in ("start", "end")}
            body.update({key + "_time": {"date_time": event[key].isoformat(), "time_zone": self.zone} for key in ("start", "end")})
            body["effective_since"] = event["start"].isoformat()
            self.world.api.post("%s/rotations/%s/events" % (self.path, rotation), {"event": body}, status=201)
        self.world.step()
        return rotation

    def delete_rotation(self, rotation):
        self.world.api.delete("%s/rotations/%s" % (self.path, rotation))
        self.world.step()

    def override(self, rotation, whom, by, start, end):
        self.world.api.post(self.path + "/overrides", {"overrides": [{
            "type": "override_shift", "rotation_id": rotation, "start_time": start, "end_time": end, "overridden_member": member(whom),
            "overriding_member": member(by)}]}, status=201)
        self.world.step()

    def custom_shift(self, person, start, end):
        self.world.api.post(self.path + "/custom_shifts", {"custom_shifts": [{
            "type": "custom_shift", "start_time": start, "end_time": end, "assignments": [{"type": "shift_assignment", "member": member(person)}]}]}, status=201)
        self.world.step()

    def final(self, since, until):
        """(start, end, person's id) of what is computed for a window."""
        answer = self.world.api.get(self.path, **{"since": since, "until": until, "time_zone": "UTC", "include[]": "final_schedule"})["schedule"]
        return [(item["start_time"], item["end_time"], item["member"]["user_id"]) for item in answer["final_schedule"]["computed_shift_assignments"]]


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
