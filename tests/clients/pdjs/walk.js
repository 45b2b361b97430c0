// Why: what users of @pagerduty/pdjs do, with the package as it is published.
'use strict';
const {api, event} = require('@pagerduty/pdjs');

const {MUSTER, TOKEN, ACCOUNT_TOKEN, ME, ANA, ROUTING_KEY, MARK} = process.env;
const server = MUSTER.replace('https://', '');
const pd = api({server, token: TOKEN});
const name = (what) => `${MARK} ${what}`;
const reference = (thing, type = thing.type) => ({id: thing.id, type: `${type.replace(/_reference$/, '')}_reference`});

function check(what, good, why) {
    console.log(good ? `ok ${what}` : `not ok ${what}: ${JSON.stringify(why)}`);
}

/** The answer's resource; anything but the wanted status is a failure of that step. */
async function must(what, promise, status) {
    const answer = await promise;
    check(what, answer.status === status, [answer.status, answer.data]);
    if (answer.status !== status)
        throw new Error(`${what} answered ${answer.status}`);
    return answer.resource;
}

async function users() {
    const user = await must('create a user', pd.post('/users', {data: {user: {type: 'user', name: name('User'), email: 'pdjs@halden.example'}}}), 201);
    const read = await must('read a user', pd.get(`/users/${user.id}`), 200);
    check('a resource under its singular is not what GET looks for', read === undefined || read === null, read);
    await must('rename a user', pd.put(`/users/${user.id}`, {data: {user: {type: 'user', name: name('Renamed')}}}), 200);
    const found = await must('search users', pd.get('/users', {data: {query: name('Renamed'), 'include[]': 'contact_methods'}}), 200);
    check('the renamed user is found', found.length === 1 && found[0].contact_methods[0].address === 'pdjs@halden.example', found);
    const me = await pd.get('/users/me');
    check('the token is Ana\'s', me.data.user.email === ME, me.data);
    const phone = await pd.post(`/users/${user.id}/contact_methods`, {data: {contact_method: {type: 'phone_contact_method', label: 'Desk', address: '5550123', country_code: 1}}});
    check('create a contact method', phone.status === 201 && phone.data.contact_method.address === '5550123', phone.data);
    await must('delete a user', pd.delete(`/users/${user.id}`), 204);
    const gone = await pd.get(`/users/${user.id}`);
    check('a deleted user is gone', gone.status === 404 && gone.data.error.code === 2100, gone.data);
}

async function paging() {
    for (let i = 0; i < 5; i++)
        await must('create a team', pd.post('/teams', {data: {team: {type: 'team', name: name(`Team ${i}`)}}}), 201);
    const all = await pd.all('/teams', {data: {limit: 2, query: name('Team')}});
    check('all pages of teams', all.resource.length === 5 && new Set(all.resource.map((team) => team.id)).size === 5, all.resource);
    check('three pages', all.data.length === 3, all.data.length);
    const first = await pd.get('/teams', {data: {limit: 2, query: name('Team')}});
    const second = await first.next();
    check('the next page', second.resource.length === 2 && second.resource[0].id !== first.resource[0].id, second.data);
    for (const team of all.resource)
        await must('delete a team', pd.delete(`/teams/${team.id}`), 204);
}

async function configuration() {
    const rules = [{escalation_delay_in_minutes: 30, targets: [{id: ANA, type: 'user_reference'}]}];
    const policy = await must('create an escalation policy',
        pd.post('/escalation_policies', {data: {escalation_policy: {type: 'escalation_policy', name: name('Policy'), escalation_rules: rules}}}), 201);
    await must('change an escalation policy', pd.put(`/escalation_policies/${policy.id}`, {data: {escalation_policy: {...policy, num_loops: 3}}}), 200);
    const service = await must('create a service',
        pd.post('/services', {data: {service: {type: 'service', name: name('Service'), escalation_policy: reference(policy)}}}), 201);
    await must('change a service', pd.put(`/services/${service.id}`, {data: {service: {...service, description: 'changed'}}}), 200);
    const integration = await pd.post(`/services/${service.id}/integrations`, {data: {integration: {type: 'events_api_v2_inbound_integration', name: name('Integration')}}});
    check('create an integration', integration.status === 201 && integration.data.integration.integration_key.length === 32, integration.data);
    const one = await pd.get(`/services/${service.id}/integrations/${integration.data.integration.id}`);
    check('read an integration', one.status === 200 && one.data.integration.service.id === service.id, one.data);
    const soon = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
    const window = await pd.post('/maintenance_windows', {headers: {From: ME}, data: {maintenance_window: {
        type: 'maintenance_window', start_time: soon(1), end_time: soon(2), description: 'Patching', services: [reference(service)]}}});
    check('create a maintenance window', window.status === 201, window.data);
    await must('delete a maintenance window', pd.delete(`/maintenance_windows/${window.data.maintenance_window.id}`), 204);
    return service;
}

async function schedules() {
    const layer = {name: 'Weekly', start: '2026-01-05T09:00:00Z', rotation_virtual_start: '2026-01-05T09:00:00Z', rotation_turn_length_seconds: 604800,
        users: [{user: {id: ANA, type: 'user_reference'}}]};
    const schedule = await must('create a schedule',
        pd.post('/schedules', {data: {schedule: {type: 'schedule', name: name('Schedule'), time_zone: 'Europe/Berlin', schedule_layers: [layer]}}}), 201);
    const soon = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
    const override = await pd.post(`/schedules/${schedule.id}/overrides`, {data: {overrides: [{start: soon(1), end: soon(3), user: {id: ANA, type: 'user_reference'}}]}});
    check('create an override', override.status === 201 && override.data[0].status === 201, override.data);
    const listed = await pd.get(`/schedules/${schedule.id}/overrides`, {data: {since: soon(0), until: soon(24)}});
    check('list overrides', listed.status === 200 && listed.data.overrides.length === 1, [listed.status, listed.data]);
    await must('delete an override', pd.delete(`/schedules/${schedule.id}/overrides/${override.data[0].override.id}`), 204);
    const rendered = await pd.get(`/schedules/${schedule.id}`, {data: {since: soon(0), until: soon(24)}});
    check('the final schedule', rendered.data.schedule.final_schedule.rendered_coverage_percentage === 100, rendered.data.schedule.final_schedule);
    await must('delete a schedule', pd.delete(`/schedules/${schedule.id}`), 204);
    const oncalls = await must('who is on call', pd.get('/oncalls', {data: {'user_ids[]': ANA}}), 200);
    check('Ana is on call', oncalls.length > 0 && oncalls.every((row) => row.user.id === ANA), oncalls);
}

async function incidents(service) {
    const headers = {From: ME};
    const open = (title) => pd.post('/incidents', {headers, data: {incident: {type: 'incident', title, service: reference(service)}}});
    const one = await must('open an incident', open(name('one')), 201);
    const two = await must('open another', open(name('two')), 201);
    const listed = await must('list incidents', pd.get('/incidents', {data: {'statuses[]': 'triggered', 'service_ids[]': service.id, sort_by: 'created_at:desc'}}), 200);
    check('both are listed, the newest first', listed.length === 2 && listed[0].id === two.id, listed.map((incident) => incident.title));
    const acknowledged = await pd.put('/incidents', {headers, data: {incidents: [{id: one.id, type: 'incident_reference', status: 'acknowledged'}]}});
    check('acknowledge', acknowledged.status === 200 && acknowledged.data.incidents[0].status === 'acknowledged', acknowledged.data);
    const snoozed = await pd.post(`/incidents/${one.id}/snooze`, {headers, data: {duration: 3600}});
    check('snooze', snoozed.status === 201, snoozed.data);
    const note = await pd.post(`/incidents/${one.id}/notes`, {headers, data: {note: {content: 'Looking'}}});
    check('note', (note.status === 200 || note.status === 201) && note.data.note.content === 'Looking', [note.status, note.data]);
    const merged = await pd.put(`/incidents/${one.id}/merge`, {headers, data: {source_incidents: [reference(two)]}});
    check('merge', merged.status === 200 && merged.data.incident.id === one.id, merged.data);
    const resolved = await pd.put(`/incidents/${one.id}`, {headers, data: {incident: {type: 'incident_reference', status: 'resolved'}}});
    check('resolve', resolved.status === 200 && resolved.data.incident.status === 'resolved', resolved.data);
    const log = await pd.all('/log_entries', {data: {limit: 100}});
    check('log entries', log.resource.length > 4, log.resource.length);
    const calls = await pd.get('/notifications', {data: {since: new Date(Date.now() - 3600e3).toISOString(), until: new Date(Date.now() + 3600e3).toISOString()}});
    check('notifications', calls.status === 200 && Array.isArray(calls.resource), calls.data);
}

async function events() {
    const sent = await event({server, data: {routing_key: ROUTING_KEY, event_action: 'trigger', dedup_key: 'pdjs-1',
        payload: {summary: name('event'), source: 'pdjs', severity: 'critical'}}});
    check('send an event', sent.status === 202 && sent.data.dedup_key === 'pdjs-1', sent.data);
    const wrong = await event({server, data: {routing_key: ROUTING_KEY, event_action: 'trigger', payload: {summary: ''}}});
    check('a wrong event', wrong.status === 400 && wrong.data.status === 'invalid event' && wrong.data.errors.length > 0, wrong.data);
    const ended = await event({server, data: {routing_key: ROUTING_KEY, event_action: 'resolve', dedup_key: 'pdjs-1'}});
    check('resolve by event', ended.status === 202, ended.data);
}

async function refusals() {
    const invalid = await pd.post('/services', {data: {service: {type: 'service', name: ''}}});
    check('400', invalid.status === 400 && invalid.data.error.code === 2001 && invalid.data.error.errors.length > 1, invalid.data);
    const stranger = await api({server, token: 'x'.repeat(20)}).get('/users');
    check('401', stranger.status === 401 && stranger.data.error.code === 2006, stranger.data);
    const nowhere = await pd.get('/no_such_noun');
    check('404', nowhere.status === 404 && nowhere.data.error.code === 2100, nowhere.data);
    const bearer = await api({server, token: ACCOUNT_TOKEN, tokenType: 'bearer'}).get('/abilities');
    check('Bearer', bearer.status === 200 && bearer.resource.includes('teams'), bearer.data);
}

async function main() {
    await users();
    await paging();
    const service = await configuration();
    await schedules();
    await incidents(service);
    await events();
    await refusals();
    console.log('done');
}

main().catch((error) => {
    console.log(`not ok ${error.stack || JSON.stringify(error.data || error)}`);
    process.exitCode = 1;
});
