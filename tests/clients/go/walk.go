// Why: what users of the go-pagerduty library do, with the library as it is published; most of PagerDuty's Go tooling stands on it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
	"github.com/PagerDuty/go-pagerduty/webhookv3"
)

var (
	background = context.Background()
	address    = os.Getenv("MUSTER")
	me         = os.Getenv("ME")
	ana        = pd.APIObject{ID: os.Getenv("ANA"), Type: "user_reference"}
)

func check(what string, good bool, why ...interface{}) {
	if good {
		fmt.Println("ok " + what)
	} else {
		fmt.Printf("not ok %s: %+v\n", what, why)
	}
}

// must ends the walk where going on makes no sense.
func must(what string, err error) {
	check(what, err == nil, err)
	if err != nil {
		os.Exit(1)
	}
}

func name(what string) string { return os.Getenv("MARK") + " " + what }

func soon(hours int) string { return time.Now().Add(time.Duration(hours) * time.Hour).UTC().Format(time.RFC3339) }

func refused(what string, err error, status, code int) {
	var answer pd.APIError
	check(what, errors.As(err, &answer) && answer.StatusCode == status && answer.APIError.Valid && answer.APIError.ErrorObject.Code == code &&
		len(answer.APIError.ErrorObject.Errors) > 0, err)
}

func reference(id, kind string) pd.APIObject { return pd.APIObject{ID: id, Type: kind + "_reference"} }

func users(c *pd.Client) {
	user, err := c.CreateUserWithContext(background, pd.User{APIObject: pd.APIObject{Type: "user"}, Name: name("User"), Email: "go@halden.example", Timezone: "Europe/Berlin"})
	must("create a user", err)
	user.JobTitle = "Engineer"
	changed, err := c.UpdateUserWithContext(background, *user)
	must("change a user", err)
	check("the change is kept", changed.JobTitle == "Engineer" && changed.Timezone == "Europe/Berlin", changed)
	method, err := c.CreateUserContactMethodWithContext(background, user.ID, pd.ContactMethod{Type: "phone_contact_method", Label: "Desk", Address: "5550142", CountryCode: 1})
	must("create a contact method", err)
	method.Label = "Home"
	_, err = c.UpdateUserContactMethodWthContext(background, user.ID, *method)
	must("change a contact method", err)
	_, err = c.GetUserContactMethodWithContext(background, user.ID, method.ID)
	must("read a contact method", err)
	rule, err := c.CreateUserNotificationRuleWithContext(background, user.ID, pd.NotificationRule{Type: "assignment_notification_rule", StartDelayInMinutes: 6, Urgency: "high",
		ContactMethod: pd.ContactMethod{ID: method.ID, Type: method.Type}})
	must("create a notification rule", err)
	rule.StartDelayInMinutes = 8
	rule, err = c.UpdateUserNotificationRuleWithContext(background, user.ID, *rule)
	must("change a notification rule", err)
	check("the delay is changed", rule.StartDelayInMinutes == 8, rule)
	_, err = c.GetUserNotificationRuleWithContext(background, user.ID, rule.ID)
	must("read a notification rule", err)
	rules, err := c.ListUserNotificationRulesWithContext(background, user.ID)
	must("list notification rules", err)
	check("the rule is listed", len(rules.NotificationRules) > 1)
	must("delete a notification rule", c.DeleteUserNotificationRuleWithContext(background, user.ID, rule.ID))
	methods, err := c.ListUserContactMethodsWithContext(background, user.ID)
	must("list contact methods", err)
	check("both methods are listed", len(methods.ContactMethods) == 2, methods)
	must("delete a contact method", c.DeleteUserContactMethodWithContext(background, user.ID, method.ID))
	whole, err := c.GetUserWithContext(background, user.ID, pd.GetUserOptions{Includes: []string{"contact_methods", "notification_rules"}})
	must("read a user with what belongs to it", err)
	check("the address is included", len(whole.ContactMethods) == 1 && whole.ContactMethods[0].Address == "go@halden.example", whole.ContactMethods)
	found, err := c.ListUsersWithContext(background, pd.ListUsersOptions{Query: name("User"), Limit: 5})
	must("search users", err)
	check("one is found", len(found.Users) == 1 && found.Users[0].ID == user.ID, found)
	must("delete a user", c.DeleteUserWithContext(background, user.ID))
	_, err = c.GetUserWithContext(background, user.ID, pd.GetUserOptions{})
	refused("a deleted user", err, 404, 2100)
	current, err := c.GetCurrentUserWithContext(background, pd.GetCurrentUserOptions{})
	must("who am I", err)
	check("I am Ana", current.Email == me, current)
}

func teams(c *pd.Client, policy string) {
	crowd, err := c.CreateTeamWithContext(background, &pd.Team{APIObject: pd.APIObject{Type: "team"}, Name: name("Crowd")})
	must("create a team", err)
	for i := 0; i < 30; i++ {
		user, err := c.CreateUserWithContext(background, pd.User{APIObject: pd.APIObject{Type: "user"}, Name: name(fmt.Sprint("Crowd ", i)), Email: fmt.Sprintf("crowd%d@halden.example", i)})
		must("create one of many", err)
		must("add one of many", c.AddUserToTeamWithContext(background, pd.AddUserToTeamOptions{TeamID: crowd.ID, UserID: user.ID, Role: pd.TeamUserRoleResponder}))
	}
	many, err := c.ListTeamMembersPaginated(background, crowd.ID)
	must("list members page by page", err)
	check("more than a page of members", len(many) == 30, len(many))
	team, err := c.CreateTeamWithContext(background, &pd.Team{APIObject: pd.APIObject{Type: "team"}, Name: name("Team")})
	must("create a team", err)
	team.Description = "On Go"
	_, err = c.UpdateTeamWithContext(background, team.ID, team)
	must("change a team", err)
	read, err := c.GetTeamWithContext(background, team.ID)
	must("read a team", err)
	check("the description is kept", read.Description == "On Go", read)
	must("add a member", c.AddUserToTeamWithContext(background, pd.AddUserToTeamOptions{TeamID: team.ID, UserID: ana.ID, Role: pd.TeamUserRoleManager}))
	members, err := c.ListTeamMembersPaginated(background, team.ID)
	must("list all members", err)
	check("Ana manages", len(members) == 1 && members[0].User.ID == ana.ID && members[0].Role == "manager", members)
	must("give the team a policy", c.AddEscalationPolicyToTeamWithContext(background, team.ID, policy))
	must("take it away", c.RemoveEscalationPolicyFromTeamWithContext(background, team.ID, policy))
	must("remove a member", c.RemoveUserFromTeamWithContext(background, team.ID, ana.ID))
	_, err = c.ListTeamsWithContext(background, pd.ListTeamOptions{Query: name("Team")})
	must("search teams", err)
	must("delete a team", c.DeleteTeamWithContext(background, team.ID))
}

func configuration(c *pd.Client) (*pd.EscalationPolicy, *pd.Service) {
	policy, err := c.CreateEscalationPolicyWithContext(background, pd.EscalationPolicy{APIObject: pd.APIObject{Type: "escalation_policy"}, Name: name("Policy"), Teams: []pd.APIReference{},
		EscalationRules: []pd.EscalationRule{{Delay: 30, Targets: []pd.APIObject{ana}}}})
	must("create an escalation policy", err)
	policy.NumLoops = 2
	policy, err = c.UpdateEscalationPolicyWithContext(background, policy.ID, *policy)
	must("change an escalation policy", err)
	policy, err = c.GetEscalationPolicyWithContext(background, policy.ID, &pd.GetEscalationPolicyOptions{})
	must("read an escalation policy", err)
	check("its rules are kept", policy.NumLoops == 2 && len(policy.EscalationRules) == 1 && policy.EscalationRules[0].Delay == 30, policy)
	_, err = c.ListEscalationPoliciesWithContext(background, pd.ListEscalationPoliciesOptions{UserIDs: []string{ana.ID}, Includes: []string{"targets"}})
	must("list escalation policies", err)
	timeout := uint(14400)
	service, err := c.CreateServiceWithContext(background, pd.Service{APIObject: pd.APIObject{Type: "service"}, Name: name("Service"), AutoResolveTimeout: &timeout,
		EscalationPolicy: pd.EscalationPolicy{APIObject: reference(policy.ID, "escalation_policy")}, AlertCreation: "create_alerts_and_incidents",
		IncidentUrgencyRule: &pd.IncidentUrgencyRule{Type: "constant", Urgency: "high"}})
	must("create a service", err)
	service.Description = "On Go"
	service, err = c.UpdateServiceWithContext(background, *service)
	must("change a service", err)
	integration, err := c.CreateIntegrationWithContext(background, service.ID, pd.Integration{APIObject: pd.APIObject{Type: "events_api_v2_inbound_integration"}, Name: name("Integration")})
	must("create an integration", err)
	integration.Name = name("Renamed")
	_, err = c.UpdateIntegrationWithContext(background, service.ID, *integration)
	must("change an integration", err)
	one, err := c.GetIntegrationWithContext(background, service.ID, integration.ID, pd.GetIntegrationOptions{})
	must("read an integration", err)
	check("its key is kept", one.IntegrationKey == integration.IntegrationKey && len(one.IntegrationKey) == 32, one)
	events(c, integration.IntegrationKey, service.ID)
	must("delete an integration", c.DeleteIntegrationWithContext(background, service.ID, integration.ID))
	service, err = c.GetServiceWithContext(background, service.ID, &pd.GetServiceOptions{Includes: []string{"integrations"}})
	must("read a service", err)
	check("it has no integration left", len(service.Integrations) == 0 && *service.AutoResolveTimeout == 14400 && service.Description == "On Go", service)
	all, err := c.ListServicesPaginated(background, pd.ListServiceOptions{})
	must("list all services", err)
	check("more services than this one", len(all) > 3, len(all))
	return policy, service
}

func events(c *pd.Client, key, service string) {
	event := &pd.V2Event{RoutingKey: key, Action: "trigger", DedupKey: "go-1", Payload: &pd.V2Payload{Summary: name("event"), Source: "web-1", Severity: "critical",
		Details: map[string]string{"disk": "full"}}}
	answer, err := c.ManageEventWithContext(background, event)
	must("send an event", err)
	check("its key comes back", answer.DedupKey == "go-1" && answer.Status == "success", answer)
	list, err := c.ListIncidentsWithContext(background, pd.ListIncidentsOptions{ServiceIDs: []string{service}, Statuses: []string{"triggered"}})
	must("incidents of a service", err)
	check("the event opened an incident", len(list.Incidents) == 1, list)
	alerts, err := c.ListIncidentAlertsWithContext(background, list.Incidents[0].ID, pd.ListIncidentAlertsOptions{})
	must("alerts of an incident", err)
	check("the alert is there", len(alerts.Alerts) == 1 && alerts.Alerts[0].AlertKey == "go-1", alerts)
	_, err = c.GetIncidentAlertWithContext(background, list.Incidents[0].ID, alerts.Alerts[0].ID)
	must("read an alert", err)
	_, err = c.ManageIncidentAlerts(background, list.Incidents[0].ID, me, &pd.IncidentAlertList{Alerts: []pd.IncidentAlert{{APIObject: pd.APIObject{ID: alerts.Alerts[0].ID, Type: "alert"}, Status: "resolved"}}})
	must("resolve an alert", err)
	_, err = c.ManageEventWithContext(background, &pd.V2Event{RoutingKey: key, Action: "resolve", DedupKey: "go-1"})
	must("resolve by event", err)
	_, err = c.CreateChangeEventWithContext(background, pd.ChangeEvent{RoutingKey: key, Payload: pd.ChangeEventPayload{Summary: "Deployed", Source: "ci", Timestamp: soon(0)}})
	must("send a change event", err)
	_, err = c.ManageEventWithContext(background, &pd.V2Event{RoutingKey: key, Action: "trigger", Payload: &pd.V2Payload{Source: "web-1", Severity: "critical"}})
	var wrong pd.APIError // the library reads the REST API's envelope here too, which PagerDuty's event answers do not have
	check("a wrong event", errors.As(err, &wrong) && wrong.StatusCode == 400, err)
}

func schedules(c *pd.Client) {
	layer := pd.ScheduleLayer{Name: "Weekly", Start: "2026-01-05T09:00:00Z", RotationVirtualStart: "2026-01-05T09:00:00Z", RotationTurnLengthSeconds: 604800,
		Users: []pd.UserReference{{User: ana}}}
	wanted := pd.Schedule{APIObject: pd.APIObject{Type: "schedule"}, Name: name("Schedule"), TimeZone: "Europe/Berlin", ScheduleLayers: []pd.ScheduleLayer{layer}}
	must("preview a schedule", c.PreviewScheduleWithContext(background, wanted, pd.PreviewScheduleOptions{Since: soon(0), Until: soon(48)}))
	schedule, err := c.CreateScheduleWithContext(background, wanted)
	must("create a schedule", err)
	schedule.Description = "On Go"
	schedule, err = c.UpdateScheduleWithContext(background, schedule.ID, *schedule)
	must("change a schedule", err)
	override, err := c.CreateOverrideWithContext(background, schedule.ID, pd.Override{Start: soon(1), End: soon(3), User: ana})
	must("create an override", err)
	list, err := c.ListOverridesWithContext(background, schedule.ID, pd.ListOverridesOptions{Since: soon(0), Until: soon(24)})
	must("list overrides", err)
	check("the override is listed", len(list.Overrides) == 1 && list.Overrides[0].ID == override.ID, list, override)
	must("delete an override", c.DeleteOverrideWithContext(background, schedule.ID, override.ID))
	oncall, err := c.ListOnCallUsersWithContext(background, schedule.ID, pd.ListOnCallUsersOptions{Since: soon(0), Until: soon(1)})
	must("users of a schedule", err)
	check("Ana is on call", len(oncall) == 1 && oncall[0].ID == ana.ID, oncall)
	read, err := c.GetScheduleWithContext(background, schedule.ID, pd.GetScheduleOptions{Since: soon(0), Until: soon(24)})
	must("read a schedule", err)
	check("it is covered", read.FinalSchedule.RenderedCoveragePercentage == 100 && read.Description == "On Go", read.FinalSchedule)
	_, err = c.ListSchedulesWithContext(background, pd.ListSchedulesOptions{Query: name("Schedule")})
	must("list schedules", err)
	must("delete a schedule", c.DeleteScheduleWithContext(background, schedule.ID))
}

func incidents(c *pd.Client, service *pd.Service) {
	open := func(title string) *pd.Incident {
		made, err := c.CreateIncidentWithContext(background, me, &pd.CreateIncidentOptions{Type: "incident", Title: name(title), Service: &pd.APIReference{ID: service.ID, Type: "service_reference"}})
		must("open an incident", err)
		return made
	}
	one, two := open("one"), open("two")
	manage := func(what string, options pd.ManageIncidentsOptions) pd.Incident {
		options.ID, options.Type = one.ID, "incident_reference"
		answer, err := c.ManageIncidentsWithContext(background, me, []pd.ManageIncidentsOptions{options})
		must(what, err)
		return answer.Incidents[0]
	}
	check("it is acknowledged", manage("acknowledge", pd.ManageIncidentsOptions{Status: "acknowledged"}).Status == "acknowledged")
	given := manage("reassign", pd.ManageIncidentsOptions{Assignments: []pd.Assignee{{Assignee: ana}}})
	check("it is Ana's", len(given.Assignments) == 1 && given.Assignments[0].Assignee.ID == ana.ID, given.Assignments)
	priorities, err := c.ListPrioritiesWithContext(background, pd.ListPrioritiesOptions{})
	must("list priorities", err)
	first := priorities.Priorities[0]
	check("it has a priority", manage("prioritise", pd.ManageIncidentsOptions{Priority: &pd.APIReference{ID: first.ID, Type: "priority_reference"}}).Priority.ID == first.ID)
	_, err = c.SnoozeIncidentWithContext(background, one.ID, 3600)
	must("snooze", err)
	_, err = c.CreateIncidentNoteWithContext(background, one.ID, pd.IncidentNote{Content: "Looking"})
	must("write a note", err)
	notes, err := c.ListIncidentNotesWithContext(background, one.ID)
	must("list notes", err)
	check("the note is there", len(notes) == 1 && notes[0].Content == "Looking" && notes[0].User.ID == ana.ID, notes)
	asked, err := c.ResponderRequestWithContext(background, one.ID, pd.ResponderRequestOptions{From: me, Message: "Please help", RequesterID: ana.ID,
		Targets: []pd.ResponderRequestTargetWrapper{{Target: pd.ResponderRequestTarget{APIObject: ana}}}})
	must("ask a responder", err)
	check("the request names its incident", asked.ResponderRequest.Incident.ID == one.ID, asked)
	_, err = c.MergeIncidentsWithContext(background, me, one.ID, []pd.MergeIncidentsOptions{{ID: two.ID, Type: "incident_reference"}})
	must("merge", err)
	check("it is resolved", manage("resolve", pd.ManageIncidentsOptions{Status: "resolved"}).Status == "resolved")
	read, err := c.GetIncidentWithContext(background, two.ID)
	must("read an incident", err)
	check("the merged one is resolved", read.Status == "resolved", read)
	log, err := c.ListIncidentLogEntriesWithContext(background, one.ID, pd.ListIncidentLogEntriesOptions{Limit: 100})
	must("log entries of an incident", err)
	check("there are several", len(log.LogEntries) > 5, len(log.LogEntries))
	_, err = c.GetLogEntryWithContext(background, log.LogEntries[0].ID, pd.GetLogEntryOptions{})
	must("read a log entry", err)
	_, err = c.ListLogEntriesWithContext(background, pd.ListLogEntriesOptions{Limit: 10, Since: soon(-1), Until: soon(1)})
	must("log entries", err)
	_, err = c.ListNotificationsWithContext(background, pd.ListNotificationOptions{Since: soon(-1), Until: soon(1)})
	must("notifications", err)
	calls, err := c.ListOnCallsWithContext(background, pd.ListOnCallOptions{UserIDs: []string{ana.ID}, Includes: []string{"users"}})
	must("on-calls", err)
	check("Ana is on call somewhere", len(calls.OnCalls) > 0 && calls.OnCalls[0].User.Email == me, calls)
}

func windows(c *pd.Client, service *pd.Service) {
	window, err := c.CreateMaintenanceWindowWithContext(background, me, pd.MaintenanceWindow{APIObject: pd.APIObject{Type: "maintenance_window"}, StartTime: soon(2), EndTime: soon(3),
		Description: "Patching", Services: []pd.APIObject{reference(service.ID, "service")}})
	must("create a maintenance window", err)
	window.Description = "Patching more"
	_, err = c.UpdateMaintenanceWindowWithContext(background, *window)
	must("change a maintenance window", err)
	read, err := c.GetMaintenanceWindowWithContext(background, window.ID, pd.GetMaintenanceWindowOptions{})
	must("read a maintenance window", err)
	check("the change is kept", read.Description == "Patching more", read)
	_, err = c.ListMaintenanceWindowsWithContext(background, pd.ListMaintenanceWindowsOptions{Filter: "future"})
	must("list maintenance windows", err)
	must("delete a maintenance window", c.DeleteMaintenanceWindowWithContext(background, window.ID))
}

func small(c *pd.Client) {
	abilities, err := c.ListAbilitiesWithContext(background)
	must("abilities", err)
	must("test an ability", c.TestAbilityWithContext(background, abilities.Abilities[0]))
	check("a missing ability", c.TestAbilityWithContext(background, "no_such_ability") != nil)
	vendors, err := c.ListVendorsWithContext(background, pd.ListVendorOptions{})
	must("vendors", err)
	plays, err := c.ListResponsePlays(background, pd.ListResponsePlaysOptions{From: me})
	must("response plays", err)
	check("there are none", len(plays) == 0, plays)
	_, err = c.GetVendorWithContext(background, vendors.Vendors[0].ID)
	must("read a vendor", err)
}

func tags(c *pd.Client) {
	tag, err := c.CreateTagWithContext(background, &pd.Tag{APIObject: pd.APIObject{Type: "tag"}, Label: name("Tag")})
	must("create a tag", err)
	team, err := c.CreateTeamWithContext(background, &pd.Team{APIObject: pd.APIObject{Type: "team"}, Name: name("Tagged")})
	must("create a team", err)
	must("add tags", c.AssignTagsWithContext(background, "teams", team.ID, &pd.TagAssignments{Add: []*pd.TagAssignment{{Type: "tag_reference", TagID: tag.ID}, {Type: "tag", Label: name("Other")}}}))
	must("add one to a person", c.AssignTagsWithContext(background, "users", ana.ID, &pd.TagAssignments{Add: []*pd.TagAssignment{{Type: "tag_reference", TagID: tag.ID}}}))
	carried, err := c.GetTagsForEntityPaginated(background, "teams", team.ID, pd.ListTagOptions{})
	must("the tags of a team", err)
	check("both are carried", len(carried) == 2, carried)
	people, err := c.GetUsersByTagPaginated(background, tag.ID)
	must("who carries a tag", err)
	check("Ana does", len(people) == 1 && people[0].ID == ana.ID, people)
	must("take a tag away", c.AssignTagsWithContext(background, "users", ana.ID, &pd.TagAssignments{Remove: []*pd.TagAssignment{{Type: "tag_reference", TagID: tag.ID}}}))
	people, err = c.GetUsersByTagPaginated(background, tag.ID)
	must("who carries it now", err)
	check("nobody does", len(people) == 0, people)
	all, err := c.ListTagsPaginated(background, pd.ListTagOptions{Query: name("Tag")})
	must("search tags", err)
	check("one is found", len(all) == 1 && all[0].Label == name("Tag"), all)
	must("delete a tag", c.DeleteTagWithContext(background, tag.ID))
	_, err = c.GetTagWithContext(background, tag.ID)
	refused("a deleted tag", err, 404, 2100)
	must("delete the team", c.DeleteTeamWithContext(background, team.ID))
}

func refusals(c *pd.Client) {
	_, err := c.CreateServiceWithContext(background, pd.Service{APIObject: pd.APIObject{Type: "service"}})
	refused("400", err, 400, 2001)
	_, err = c.GetTeamWithContext(background, "PNOTEAM")
	refused("404", err, 404, 2100)
	_, err = pd.NewClient("xxxxxxxxxxxxxxxxxxxx", pd.WithAPIEndpoint(address)).GetTeamWithContext(background, "PNOTEAM")
	refused("401", err, 401, 2006)
}

// ask: what the library has no function for.
func ask(c *pd.Client, what, method, path, body string, ret interface{}) {
	request, err := http.NewRequest(method, address+path, bytes.NewBufferString(body))
	must(what, err)
	answer, err := c.Do(request, true)
	must(what, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	must(what, err)
	check(what, answer.StatusCode < 300, answer.Status, string(read))
	if ret != nil {
		must(what, json.Unmarshal(read, ret))
	}
}

type subscription struct {
	Webhook struct {
		ID       string
		Delivery struct{ Secret string } `json:"delivery_method"`
	} `json:"webhook_subscription"`
}

type delivery struct {
	header http.Header
	body   []byte
}

func (d delivery) verify(change string, secret string) error {
	request := httptest.NewRequest("POST", "/", bytes.NewReader(append(d.body[:len(d.body):len(d.body)], change...)))
	request.Header = d.header
	return webhookv3.VerifySignature(request, secret)
}

// webhooks: the library's own judgement of what Muster signed, with one secret and with two.
func webhooks(c *pd.Client) {
	arrived := make(chan delivery, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		arrived <- delivery{request.Header, body}
	}))
	defer receiver.Close()
	next := func(kind string) delivery {
		select {
		case one := <-arrived:
			var told struct {
				Event struct {
					Kind string `json:"event_type"`
				}
			}
			check("a webhook "+kind, json.Unmarshal(one.body, &told) == nil && told.Event.Kind == kind, string(one.body))
			return one
		case <-time.After(60 * time.Second):
			must("a webhook "+kind, errors.New("it did not arrive"))
		}
		return delivery{}
	}
	var made, rotated subscription
	ask(c, "subscribe", "POST", "/webhook_subscriptions", `{"webhook_subscription": {"type": "webhook_subscription", "events": ["service.deleted"], "filter": {"type": "account_reference"},
		"delivery_method": {"type": "http_delivery_method", "url": "`+receiver.URL+`"}}}`, &made)
	path, secret := "/webhook_subscriptions/"+made.Webhook.ID, made.Webhook.Delivery.Secret
	ask(c, "ping", "POST", path+"/ping", "", nil)
	ping := next("pagey.ping")
	check("its signature is accepted", ping.verify("", secret) == nil, ping.verify("", secret), ping.header)
	check("a changed body is not", errors.Is(ping.verify(" ", secret), webhookv3.ErrNoValidSignatures), ping.verify(" ", secret))
	check("another secret is not", errors.Is(ping.verify("", secret+"x"), webhookv3.ErrNoValidSignatures), ping.verify("", secret+"x"))
	ask(c, "a new secret", "POST", "/muster"+path+"/rotate_secret", `{"keep_old_for_in_hours": 1}`, &rotated)
	ask(c, "ping again", "POST", path+"/ping", "", nil)
	ping = next("pagey.ping")
	check("either secret is accepted", ping.verify("", secret) == nil && ping.verify("", rotated.Webhook.Delivery.Secret) == nil, ping.header)
	check("a changed body is not, with either", ping.verify(" ", secret) != nil && ping.verify(" ", rotated.Webhook.Delivery.Secret) != nil, ping.header)
	ask(c, "unsubscribe", "DELETE", path, "", nil)
}

// overTheLimit: the server allows 20 requests a minute.
func overTheLimit(c *pd.Client) {
	var err error
	for i := 0; i < 25 && err == nil; i++ {
		_, err = c.ListUsersWithContext(background, pd.ListUsersOptions{Limit: 1})
	}
	refused("429", err, 429, 2020)
	var answer pd.APIError
	check("it counts as a limit", errors.As(err, &answer) && answer.RateLimited() && answer.Temporary(), err)
	fmt.Println("done")
}

func main() {
	c := pd.NewClient(os.Getenv("TOKEN"), pd.WithAPIEndpoint(address), pd.WithV2EventsAPIEndpoint(address))
	if os.Getenv("OVER_THE_LIMIT") != "" {
		overTheLimit(c)
		return
	}
	users(c)
	policy, service := configuration(c)
	teams(c, policy.ID)
	schedules(c)
	incidents(c, service)
	windows(c, service)
	grouping(c, service)
	businessServices(c, service)
	informed(c, service)
	figures(c, service)
	small(c)
	tags(c)
	webhooks(c)
	refusals(c)
	must("delete a service", c.DeleteServiceWithContext(background, service.ID))
	must("delete an escalation policy", c.DeleteEscalationPolicyWithContext(background, policy.ID))
	fmt.Println("done")
}
