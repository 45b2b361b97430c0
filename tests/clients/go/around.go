// Why: what go-pagerduty knows beside responding: how a service groups its alerts, business services and what depends on what, those who are kept informed,
// the figures, the audit. It has no calls for alert grouping settings, custom fields and shift-based schedules; python's client walks these.
package main

import (
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

func grouping(c *pd.Client, service *pd.Service) {
	minutes := uint(5)
	change := func(what string, parameters pd.AlertGroupingParameters) *pd.AlertGroupingParameters {
		service.AlertGroupingParameters = &parameters
		_, err := c.UpdateServiceWithContext(background, *service)
		must(what, err)
		read, err := c.GetServiceWithContext(background, service.ID, &pd.GetServiceOptions{})
		must("read a service", err)
		return read.AlertGroupingParameters
	}
	kept := change("group by time", pd.AlertGroupingParameters{Type: "time", Config: &pd.AlertGroupParamsConfig{Timeout: &minutes}})
	check("it groups for five minutes", kept.Type == "time" && kept.Config.Timeout != nil && *kept.Config.Timeout == 5, kept)
	kept = change("group by content", pd.AlertGroupingParameters{Type: "content_based", Config: &pd.AlertGroupParamsConfig{Aggregate: "any", Fields: []string{"source", "class"}}})
	check("it groups by two fields", kept.Type == "content_based" && kept.Config.Aggregate == "any" && len(kept.Config.Fields) == 2, kept)
	service.AlertGroupingParameters = nil
}

func businessServices(c *pd.Client, service *pd.Service) {
	shop, err := c.CreateBusinessServiceWithContext(background, &pd.BusinessService{Name: name("Shop"), Description: "Sells", PointOfContact: "shop@halden.example"})
	must("create a business service", err)
	id := shop.ID // the library empties it when it changes one
	shop.Description = "Sells more"
	_, err = c.UpdateBusinessServiceWithContext(background, &pd.BusinessService{ID: id, Name: shop.Name, Description: shop.Description})
	must("change a business service", err)
	read, err := c.GetBusinessServiceWithContext(background, id)
	must("read a business service", err)
	check("what was not named stays", read.Description == "Sells more" && read.PointOfContact == "shop@halden.example", read)
	all, err := c.ListBusinessServicesPaginated(background, pd.ListBusinessServiceOptions{Limit: 1})
	must("list business services page by page", err)
	check("it is listed", contains(len(all), func(i int) bool { return all[i].ID == id }), len(all))
	wanted := &pd.ListServiceDependencies{Relationships: []*pd.ServiceDependency{{DependentService: &pd.ServiceObj{ID: id, Type: "business_service"},
		SupportingService: &pd.ServiceObj{ID: service.ID, Type: "service"}}}}
	made, err := c.AssociateServiceDependenciesWithContext(background, wanted)
	must("one depends on the other", err)
	of := func(what string, list *pd.ListServiceDependencies, err error) {
		must(what, err)
		check(what+" names the dependency", len(list.Relationships) == 1 && list.Relationships[0].ID == made.Relationships[0].ID, list)
	}
	below, err := c.ListBusinessServiceDependenciesWithContext(background, id)
	of("what a business service depends on", below, err)
	above, err := c.ListTechnicalServiceDependenciesWithContext(background, service.ID)
	of("what depends on a service", above, err)
	_, err = c.DisassociateServiceDependenciesWithContext(background, made)
	must("it depends no longer", err)
	below, err = c.ListBusinessServiceDependenciesWithContext(background, id)
	must("what it depends on now", err)
	check("on nothing", len(below.Relationships) == 0, below)
	must("delete a business service", c.DeleteBusinessServiceWithContext(background, id))
}

func informed(c *pd.Client, service *pd.Service) {
	incident, err := c.CreateIncidentWithContext(background, me, &pd.CreateIncidentOptions{Type: "incident", Title: name("told"), Service: &pd.APIReference{ID: service.ID, Type: "service_reference"}})
	must("open an incident", err)
	subscribers := []pd.IncidentNotificationSubscriber{{SubscriberID: ana.ID, SubscriberType: "user"}}
	added, err := c.AddIncidentNotificationSubscribersWithContext(background, incident.ID, subscribers)
	must("subscribe to an incident", err)
	check("Ana is subscribed", len(added.Subscriptions) == 1 && added.Subscriptions[0].SubscriberID == ana.ID && added.Subscriptions[0].Result == "success", added)
	list, err := c.ListIncidentNotificationSubscribersWithContext(background, incident.ID)
	must("who is subscribed", err)
	check("she is listed", len(list.Subscribers) == 1 && list.Subscribers[0].SubscriberID == ana.ID, list)
	update, err := c.CreateIncidentStatusUpdate(background, incident.ID, me, "We are looking")
	must("a status update", err)
	check("it says who sent it", update.Message == "We are looking" && update.Sender.ID == ana.ID, update)
	removed, err := c.RemoveIncidentNotificationSubscribersWithContext(background, incident.ID, subscribers)
	must("unsubscribe", err)
	check("one is removed", removed.DeleteCount == 1 && removed.NonExistentCount == 0, removed)
	_, err = c.ManageIncidentsWithContext(background, me, []pd.ManageIncidentsOptions{{ID: incident.ID, Type: "incident_reference", Status: "resolved"}})
	must("resolve", err)
}

func figures(c *pd.Client, service *pd.Service) {
	now := time.Now().UTC()
	asked := pd.AnalyticsRequest{TimeZone: "Etc/UTC", Filters: &pd.AnalyticsFilter{CreatedAtStart: now.Add(-time.Hour).Format(time.RFC3339), CreatedAtEnd: now.Add(time.Minute).Format(time.RFC3339),
		ServiceIDs: []string{service.ID}}}
	of := func(what string, answer pd.AnalyticsResponse, err error) {
		must(what, err)
		check(what+" counts incidents", len(answer.Data) == 1 && answer.Data[0].TotalIncidentCount >= 3, answer.Data)
	}
	all, err := c.GetAggregatedIncidentData(background, asked)
	of("figures of incidents", all, err)
	services, err := c.GetAggregatedServiceData(background, asked)
	of("figures of services", services, err)
	check("it names the service", services.Data[0].ServiceID == service.ID, services.Data[0])
	_, err = c.GetAggregatedTeamData(background, asked)
	must("figures of teams", err)
	found, options := false, pd.ListAuditRecordsOptions{Actions: []string{"create"}, Since: soon(-1), Until: soon(1), Limit: 50}
	for more := true; more && !found; { // the library's own walk through the pages does not end at a last page
		page, err := c.ListAuditRecords(background, options)
		must("audit records", err)
		found = contains(len(page.Records), func(i int) bool { return page.Records[i].RootResource.ID == service.ID })
		if more = page.NextCursor != nil; more {
			options.Cursor = *page.NextCursor
		}
	}
	check("the service's creation is among them", found)
	licenses, err := c.ListLicensesWithContext(background)
	must("licenses", err)
	allocations, err := c.ListLicenseAllocationsWithContext(background, pd.ListLicenseAllocationsOptions{Limit: 5})
	must("license allocations", err)
	check("somebody has a license", len(licenses.Licenses) > 0 && len(allocations.LicenseAllocations) > 0, licenses, allocations)
}

func contains(count int, matches func(int) bool) bool {
	for i := 0; i < count; i++ {
		if matches(i) {
			return true
		}
	}
	return false
}
