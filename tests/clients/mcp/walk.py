"""Why: what an assistant does with PagerDuty's own MCP server (PyPI `pagerduty-mcp`), as it is published: it starts the program, asks which tools there are and calls
them; each answer is read by that program's own models."""
import asyncio
import json
import os
import sys
from datetime import datetime, timedelta, timezone

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

URL, TOKEN, ANA, MARK, KEY = (os.environ[name] for name in ("MUSTER", "TOKEN", "ANA", "MARK", "ROUTING_KEY"))
PROGRAM = os.path.join(os.path.dirname(sys.executable), "pagerduty-mcp")
# What Muster does not have: a tool of these must be told so, not be answered with something made up.
NOT_SERVED = {
    "get_responder_metrics": {"date_range_start": "2026-11-01T00:00:00Z", "date_range_end": "2026-11-02T00:00:00Z"},
    "list_event_orchestrations": {}, "list_incident_workflows": {}, "list_status_pages": {}, "list_extension_schemas": {},
    "get_event_orchestration": {"orchestration_id": "PNOBODY"}, "get_incident_workflow": {"workflow_id": "PNOBODY"}, "get_extension_schema": {"schema_id": "PNOBODY"},
}


def check(what, good, why=""):
    print("ok " + what if good else "not ok %s: %s" % (what, str(why)[:600]), flush=True)


def soon(hours):
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Assistant:
    def __init__(self, session):
        self.session, self.used = session, set()

    async def call(self, tool, **arguments):
        """(whether it worked, what it answered)"""
        self.used.add(tool)
        answer = await self.session.call_tool(tool, arguments)
        text = "".join(part.text for part in answer.content if part.type == "text")
        if answer.isError:
            return False, text
        found = answer.structuredContent
        if found is None:
            try:
                found = json.loads(text)
            except ValueError:
                found = text
        if isinstance(found, dict) and set(found) == {"result"}:
            found = found["result"]
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except ValueError:
                pass
        return True, found

    async def ask(self, tool, **arguments):
        good, found = await self.call(tool, **arguments)
        check(tool, good, found)
        return found if good else {}

    async def listed(self, tool, **arguments):
        found = await self.ask(tool, **arguments)
        return found.get("response", []) if isinstance(found, dict) else found


async def people(a):
    me = await a.ask("get_user_data")
    check("it knows who asks", me.get("id") == ANA, me)
    users = await a.listed("list_users", query="Moreno")
    check("users are found by name", [one["id"] for one in users] == [ANA], users)
    made = await a.ask("create_user", request={"name": MARK + " User", "email": "mcp@halden.example", "role": "user", "time_zone": "Europe/Berlin"})
    team = await a.ask("create_team", create_model={"team": {"name": MARK + " Team", "description": "made by an assistant"}})
    team = await a.ask("update_team", team_id=team.get("id", ""), update_model={"team": {"name": MARK + " Team 2"}})
    check("a team is renamed", team.get("name") == MARK + " Team 2", team)
    await a.ask("add_team_member", team_id=team.get("id", ""), member_data={"user_id": made.get("id", ""), "role": "responder"})
    members = await a.listed("list_team_members", team_id=team.get("id", ""))
    check("the member is there", [one["id"] for one in members] == [made.get("id")], members)
    await a.ask("remove_team_member", team_id=team.get("id", ""), user_id=made.get("id", ""))
    check("the team is shown", (await a.ask("get_team", team_id=team.get("id", ""))).get("id") == team.get("id"))
    check("teams are listed", team.get("id") in [one["id"] for one in await a.listed("list_teams", query=MARK)])
    await a.ask("delete_team", team_id=team.get("id", ""))


async def services(a):
    policy = (await a.listed("list_escalation_policies", query="Payments"))[0]
    check("a policy is shown", (await a.ask("get_escalation_policy", policy_id=policy["id"])).get("name") == policy["name"])
    body = {"name": MARK + " Service", "description": "made by an assistant", "escalation_policy": {"id": policy["id"], "type": "escalation_policy_reference"}}
    made = await a.ask("create_service", service_data={"service": body})
    changed = await a.ask("update_service", service_id=made.get("id", ""), service_data={"service": {**body, "description": "changed"}})
    check("a service is changed", changed.get("description") == "changed", changed)
    check("a service is shown", (await a.ask("get_service", service_id=made.get("id", ""))).get("name") == MARK + " Service")
    found = await a.listed("list_services", query=MARK)
    check("services are found", [one["id"] for one in found] == [made.get("id")], found)
    dependencies = await a.ask("get_technical_service_dependencies", service_id=made.get("id", ""))
    check("what it rests on", dependencies.get("relationships") == [], dependencies)
    await a.ask("list_business_services")
    check("priorities", "P1" in json.dumps(await a.ask("list_priorities")))
    setting = {"alert_grouping_setting": {"name": MARK, "type": "time", "config": {"timeout": 300}, "services": [{"id": made.get("id", ""), "type": "service_reference"}]}}
    grouping = await a.ask("create_alert_grouping_setting", create_model=setting)
    await a.ask("update_alert_grouping_setting", setting_id=grouping.get("id", ""), update_model=setting)
    await a.ask("get_alert_grouping_setting", setting_id=grouping.get("id", ""))
    settings = await a.listed("list_alert_grouping_settings", service_ids=[made.get("id", "")])
    check("grouping of a service", [one["id"] for one in settings] == [grouping.get("id")], settings)
    await a.ask("delete_alert_grouping_setting", setting_id=grouping.get("id", ""))
    return made


async def incidents(a, service):
    reference = {"id": service.get("id", ""), "type": "service_reference"}
    made = await a.ask("create_incident", incident={"title": MARK + " Incident", "service": reference, "urgency": "high", "body": {"details": "It is broken"}})
    identifier = made.get("id", "")
    shown = await a.ask("get_incident", incident_id=identifier, query_model={"include": ["services", "assignments", "acknowledgers", "teams"]})
    check("an incident is shown", shown.get("title") == MARK + " Incident" and shown.get("assignments"), shown)
    note = await a.ask("add_note_to_incident", incident_id=identifier, note="Looking at it")
    notes = await a.listed("list_incident_notes", incident_id=identifier)
    check("its note", [one["content"] for one in notes] == ["Looking at it"] and note.get("id") == notes[0]["id"], notes)
    await a.ask("add_responders", incident_id=identifier, request={"message": "Please help", "responder_request_targets": [{"responder_request_target": {"id": ANA, "type": "user_reference"}}]})
    managed = await a.listed("manage_incidents", manage_request={"incident_ids": [identifier], "status": "acknowledged"})
    check("it is acknowledged", [one["status"] for one in managed] == ["acknowledged"], managed)
    managed = await a.listed("manage_incidents", manage_request={"incident_ids": [identifier], "assignement": {"id": ANA, "type": "user_reference"}})
    check("it is reassigned", [one["assignee"]["id"] for one in managed[0]["assignments"]] == [ANA] if managed else False, managed)
    found = await a.listed("list_incidents", request_scope="assigned", statuses=["triggered", "acknowledged"], urgencies=["high"])
    check("mine are listed", identifier in [one["id"] for one in found], found)
    await a.ask("list_incident_change_events", incident_id=identifier)
    related = await a.ask("get_related_incidents", incident_id=identifier, query_model={"additional_details": ["incident"]})
    check("nothing is related", related.get("related_incidents") == [], related)
    await a.ask("list_alerts_from_incident", incident_id=identifier)
    await a.listed("manage_incidents", manage_request={"incident_ids": [identifier], "status": "resolved"})
    again = await a.ask("create_incident", incident={"title": MARK + " Incident", "service": reference})
    past = await a.ask("get_past_incidents", incident_id=again.get("id", ""), query_model={"limit": 3, "total": True})
    check("it was there before", [one["incident"]["id"] for one in past.get("past_incidents", [])] == [identifier], past)
    await a.listed("manage_incidents", manage_request={"incident_ids": [again.get("id", "")], "status": "resolved"})
    entries = await a.listed("list_log_entries", query_model={"since": soon(-1), "limit": 20})
    check("log entries", entries, entries)
    if entries:
        await a.ask("get_log_entry", log_entry_id=entries[0]["id"])
    oncalls = await a.listed("list_oncalls", user_ids=[ANA])
    check("who is on call", oncalls and all(one["user"]["id"] == ANA for one in oncalls), oncalls)


async def changes(a, service):
    check("changes are listed", isinstance(await a.listed("list_change_events", since=soon(-24), until=soon(1)), list))
    check("changes of a service", await a.listed("list_service_change_events", service_id=service.get("id", "")) == [])


async def schedules(a):
    listed = await a.ask("list_schedules", query_model={"query": "Payments"})
    first = listed["response"][0]
    check("a schedule is shown", (await a.ask("get_schedule", schedule_id=first["id"])).get("name") == first["name"])
    check("people of a schedule", await a.listed("list_schedule_users", schedule_id=first["id"]))
    await a.ask("create_schedule_override", schedule_id=first["id"], override_request={"overrides": [{"start": soon(1), "end": soon(2), "user_id": ANA}]})
    made = await a.ask("create_schedule", schedule_data={"name": MARK + " Shifts", "time_zone": "Europe/Berlin"})
    schedule = {"schedule_id": made.get("id", "")}
    await a.ask("update_schedule", **schedule, schedule_data={"description": "changed"})
    rotation = await a.ask("create_schedule_v3_rotation", **schedule)
    member = {"type": "user_member", "user_id": ANA}
    event = await a.ask("create_schedule_v3_rotation_event", **schedule, rotation_id=rotation.get("id", ""), event_data={
        "name": "Week", "start_time": {"date_time": "2026-11-02T09:00:00", "time_zone": "Europe/Berlin"}, "end_time": {"date_time": "2026-11-02T17:00:00", "time_zone": "Europe/Berlin"},
        "effective_since": soon(1), "recurrence": ["RRULE:FREQ=DAILY"],
        "assignment_strategy": {"type": "rotating_member_assignment_strategy", "shifts_per_member": 1, "members": [member]}})
    await a.ask("list_schedule_v3_rotations", **schedule)
    await a.ask("get_schedule_v3_rotation", **schedule, rotation_id=rotation.get("id", ""))
    await a.ask("list_schedule_v3_rotation_events", **schedule, rotation_id=rotation.get("id", ""))
    await a.ask("get_schedule_v3_rotation_event", **schedule, rotation_id=rotation.get("id", ""), event_id=event.get("id", ""))
    shift = {"type": "custom_shift", "start_time": soon(30), "end_time": soon(32), "assignments": [{"type": "shift_assignment", "member": member}]}
    shifts = await a.listed("create_schedule_v3_custom_shifts", **schedule, custom_shifts=[shift])
    one = {**schedule, "custom_shift_id": shifts[0]["id"] if shifts else ""}
    await a.ask("get_schedule_v3_custom_shift", **one)
    listed = await a.listed("list_schedule_v3_custom_shifts", **schedule, since=soon(24), until=soon(48))
    check("the shift is listed", [found["id"] for found in listed] == [one["custom_shift_id"]], listed)
    await a.ask("update_schedule_v3_custom_shift", **one, shift_data={**shift, "end_time": soon(33)})
    await a.ask("delete_schedule_v3_custom_shift", **one)
    await a.ask("list_schedule_v3_overrides", **schedule, since=soon(0), until=soon(48))
    await a.ask("delete_schedule_v3_rotation_event", **schedule, rotation_id=rotation.get("id", ""), event_id=event.get("id", ""))
    await a.ask("delete_schedule_v3_rotation", **schedule, rotation_id=rotation.get("id", ""))
    await a.ask("delete_schedule_v3", **schedule)


async def webhooks(a, service):
    body = {"type": "webhook_subscription", "delivery_method": {"type": "http_delivery_method", "url": "https://hooks.example/in"}, "events": ["incident.triggered"],
            "filter": {"type": "service_reference", "id": service.get("id", "")}}
    made = await a.ask("create_webhook_subscription", webhook_data=body)
    changed = await a.ask("update_webhook_subscription", subscription_id=made.get("id", ""), webhook_data={"description": "changed"})
    check("a webhook is changed", changed.get("description") == "changed", changed)
    check("webhooks are listed", made.get("id") in [one["id"] for one in await a.listed("list_webhook_subscriptions")])
    await a.ask("get_webhook_subscription", subscription_id=made.get("id", ""))
    await a.ask("delete_webhook_subscription", subscription_id=made.get("id", ""))


async def figures(a, service):
    span = {"created_at_start": soon(-24 * 7), "created_at_end": soon(1), "service_ids": [service.get("id", "")]}
    whole = await a.ask("get_incident_metrics_all", **span)
    check("two incidents are counted", whole.get("total_incident_count") == 2, whole)
    of_services = await a.listed("get_incident_metrics_by_service", **span)
    check("they are its service's", [(one["service_id"], one["total_incident_count"]) for one in of_services] == [(service.get("id"), 2)], of_services)
    of_teams = await a.listed("get_incident_metrics_by_team", **span)
    check("and its team's", [(one["team_name"], one["total_incident_count"]) for one in of_teams] == [("Payments", 2)], of_teams)


async def refused(a):
    for tool, arguments in NOT_SERVED.items():
        good, found = await a.call(tool, **arguments)
        check(tool + " is told that there is no such thing", not good and "404" in str(found), found)
    good, found = await a.call("get_incident", incident_id="QNOBODY")
    check("an unknown incident is told as such", not good and "404" in str(found), found)


async def main():
    environment = {**os.environ, "PAGERDUTY_API_HOST": URL, "PAGERDUTY_USER_API_KEY": TOKEN, "REQUESTS_CA_BUNDLE": os.environ["CERTIFICATE"]}
    server = StdioServerParameters(command=PROGRAM, args=["--enable-write-tools"], env=environment)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        async with stdio_client(server, errlog=nowhere) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            tools = {tool.name for tool in (await session.list_tools()).tools}
            assistant = Assistant(session)
            await people(assistant)
            service = await services(assistant)
            await incidents(assistant, service)
            await changes(assistant, service)
            await schedules(assistant)
            await webhooks(assistant, service)
            await figures(assistant, service)
            await refused(assistant)
            print("%d of %d tools called; not: %s" % (len(assistant.used & tools), len(tools), " ".join(sorted(tools - assistant.used))))
    print("done")


asyncio.run(main())
