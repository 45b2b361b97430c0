// Why: the app against the real server in a real browser, as a responder meets it. `node tests/browser.mjs [FOLDER]` keeps its
// pictures in FOLDER (a temporary one otherwise) and prints each check; the last line counts them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SIZES, binary, check, conclude, expect, launch, lookAt, pictures } from "./checks.mjs";
import { oidc } from "./oidc.mjs";
import { Server } from "./server.mjs";
import { signIn } from "./sign_in.mjs";

const HOSTILE = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`;

const data = mkdtempSync(join(tmpdir(), "muster-browser-"));
const server = new Server(binary, data);
const browser = await launch();
try {
  await server.start();
  const { email, password } = server.signIn();

  await check("the API keeps the root: JSON for a browser too, and the JSON envelope for unknown paths", async () => {
    const list = await fetch(`${server.url}/incidents`, { headers: { Accept: "text/html", Authorization: `Token token=${server.token}` } });
    expect(list.headers.get("content-type")?.startsWith("application/json"), `GET /incidents answers ${list.headers.get("content-type")}`);
    const unknown = await fetch(`${server.url}/no/such/path`, { headers: { Accept: "text/html" } });
    expect(unknown.headers.get("content-type")?.startsWith("application/json") && unknown.status >= 400, `unknown path answers ${unknown.status} ${unknown.headers.get("content-type")}`);
    const missing = await fetch(`${server.url}/app/assets/none.js`);
    expect(missing.status === 404, `a missing file answers ${missing.status}`);
  });

  await check("the page carries a strict policy and its files are cached for ever", async () => {
    const page = await fetch(`${server.url}/`);
    expect(page.url === `${server.url}/app/`, `the root leads to ${page.url}`);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy.includes("default-src 'none'") && !policy.includes("unsafe"), `policy: ${policy}`);
    const file = /assets\/app-[0-9a-f]+\.js/.exec(await page.text())?.[0];
    const script = await fetch(`${server.url}/app/${file}`);
    expect(script.status === 200 && script.headers.get("cache-control")?.includes("immutable"), "the script is not cached");
  });

  for (const size of SIZES) {
    await server.resolveAll();
    const context = await browser.newContext({ viewport: { width: size.width, height: size.height }, hasTouch: size.name === "phone", colorScheme: size.name === "phone" ? "dark" : "light", reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const strange = [];
    page.on("pageerror", (error) => strange.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      strange.push("a dialog opened");
      void dialog.dismiss();
    });
    page.on("console", (message) => message.text().includes("Content Security Policy") && strange.push(message.text()));
    page.on("request", (request) => !request.url().startsWith(server.url) && !request.url().startsWith("data:") && strange.push(`request to ${request.url()}`));
    const at = (name) => `${size.name}: ${name}`;
    const look = (name) => lookAt(page, size, name);

    await check(at("a wrong password is refused in words"), async () => {
      await page.goto(`${server.url}/`);
      await page.fill("input[type=email]", email);
      await page.fill("input[type=password]", "wrong password");
      await page.keyboard.press("Enter");
      await page.waitForSelector("[role=alert]");
      await look("sign-in");
    });

    await check(at("signing in with the keyboard shows the live list"), async () => {
      await page.fill("input[type=password]", password);
      await page.keyboard.press("Enter");
      await page.waitForSelector(".live-on");
      await page.waitForSelector("main h1");
      if (size === SIZES[0]) await page.locator(".first-event pre", { hasText: server.routingKey }).waitFor(); // nothing was ever sent: how to is open
      await look("list");
    });

    const title = `Card payments fail ${HOSTILE} (${size.name})`;
    await check(at("an event appears in the list by itself, and its title stays text"), async () => {
      await server.brokeBefore(title);
      await page.evaluate(() => { window.stayed = true; });
      await server.event({ summary: title, source: "web-1", severity: "critical", custom_details: { note: HOSTILE, [HOSTILE]: "key", rate: "7.3 %" } });
      await page.locator(".row", { hasText: title }).waitFor();
      expect(await page.evaluate(() => window.stayed === true && window.pwned === undefined), "the page was reloaded or the title ran");
      await look("list-with-incident");
    });

    await check(at("the incident page says who is called, why, and what is next"), async () => {
      await page.locator(".row", { hasText: title }).click();
      await page.waitForSelector(".now-triggered");
      await page.waitForSelector(".why-list li");
      await page.waitForSelector(".timeline li");
      expect((await page.textContent(".now-who")).startsWith("Calling "), await page.textContent(".now-who"));
      expect((await page.textContent(".now-next")).length > 0, "no next step");
      expect((await page.textContent(".details")).includes(HOSTILE), "the details are not shown as sent");
      await look("incident");
    });

    await check(at("what was deployed before is told beside the incident, and on the service's page"), async () => {
      const { incident } = await server.api("GET", `/incidents/${page.url().split("/").at(-1)}`);
      const summary = `Release 4.1 ${HOSTILE} (${size.name})`;
      const timestamp = new Date(Date.parse(incident.created_at) - 12 * 60_000).toISOString();
      await server.change({ summary, source: "builder", timestamp, custom_details: { commit: HOSTILE } }, [{ href: "https://build.example/41", text: HOSTILE }]);
      const change = page.locator(".change", { hasText: summary });
      await change.waitFor(); // by itself
      expect((await change.textContent()).includes("12 min before"), await change.textContent());
      await change.locator("summary").click();
      await change.locator("dd", { hasText: HOSTILE }).waitFor();
      expect((await change.locator("a").getAttribute("href")) === "https://build.example/41", "its link leads elsewhere");
      await change.scrollIntoViewIfNeeded();
      await look("incident-changes");
      const back = page.url();
      await page.goto(incident.service.html_url);
      await page.locator(".change", { hasText: summary }).waitFor();
      await look("service-changes");
      await page.goto(back);
      await page.waitForSelector(".now-triggered");
    });

    await check(at("what else is broken, and when it was there before, stands beside the incident"), async () => {
      const { incident } = await server.api("GET", `/incidents/${page.url().split("/").at(-1)}`);
      const { service } = await server.api("POST", "/services", { service: { name: `Card network ${size.name}`, escalation_policy: incident.escalation_policy } });
      const side = (id) => ({ id, type: "service" });
      await server.api("POST", "/service_dependencies/associate", { relationships: [{ supporting_service: side(service.id), dependent_service: side(incident.service.id) }] });
      const { incident: other } = await server.api("POST", "/incidents", { incident: { type: "incident", title: HOSTILE, urgency: "low", service: { id: service.id, type: "service_reference" } } });
      const beside = page.locator(".panel-related", { hasText: "Also broken" });
      await beside.locator(".alert", { hasText: "which this service rests on" }).waitFor(); // by itself
      expect((await beside.textContent()).includes(HOSTILE), "the title is not shown as sent");
      const before = page.locator(".panel-related", { hasText: "Last time" });
      expect((await before.textContent()).includes("resolved after"), await before.textContent());
      await beside.scrollIntoViewIfNeeded();
      await look("incident-related");
      await server.api("PUT", `/incidents/${other.id}`, { incident: { id: other.id, type: "incident", status: "resolved" } });
    });

    for (const sheet of ["Escalate", "Reassign", "Snooze", "Get help", "Note"])
      await check(at(`the question before "${sheet}" opens and Escape closes it`), async () => {
        await page.click(`.minor-actions >> text=${sheet}`);
        await page.waitForSelector("dialog[open] .dialog-buttons");
        await look(`sheet-${sheet.toLowerCase().replace(" ", "-")}`);
        await page.keyboard.press("Escape");
        await page.waitForSelector("dialog", { state: "detached" });
      });

    await check(at("a note is written and shows in the timeline"), async () => {
      await page.click(".minor-actions >> text=Note");
      await page.fill("dialog textarea", `Looking ${HOSTILE}`);
      await page.click("dialog .button-primary");
      await page.locator(".timeline", { hasText: `Looking ${HOSTILE}` }).waitFor();
    });

    /** The custom field of that name, defined unless the size before did. */
    const customField = async (name, data_type, field_type = "single_value", options = []) => {
      const { fields } = await server.api("GET", "/incidents/custom_fields");
      const field_options = options.map((value) => ({ data: { data_type, value } }));
      return fields.find((one) => one.name === name) ?? (await server.api("POST", "/incidents/custom_fields", { field: { name, display_name: `The ${name}`, data_type, field_type, ...(options.length > 0 ? { field_options } : {}) } })).field;
    };
    const incidentId = () => page.url().split("/").at(-1);
    const assigned = async () => (await server.api("GET", `/incidents/${incidentId()}`)).incident.assignments.map((one) => one.assignee.summary);
    const eventually = async (what, fact) => {
      for (let tries = 0; tries < 600; tries++) {
        if (await fact()) return;
        await page.waitForTimeout(100);
      }
      throw new Error(`not so: ${what}`);
    };

    await check(at("custom fields show by themselves once somebody sets them, and what they hold stays text"), async () => {
      const [impact, status, since] = [await customField("impact", "string"), await customField("status_page", "url"), await customField("since", "datetime")];
      const values = [{ id: impact.id, value: HOSTILE }, { id: status.id, value: "https://status.example.org/42" }, { id: since.id, value: "2026-02-09T03:00:00Z" }];
      await server.api("PUT", `/incidents/${incidentId()}/custom_fields/values`, { custom_fields: values });
      const panel = page.locator("section[aria-label='Custom fields']");
      await panel.locator("dd", { hasText: HOSTILE }).waitFor();
      expect((await panel.locator("a").getAttribute("href")) === "https://status.example.org/42", "the address is no link");
      expect((await panel.locator("dt").count()) === 3, "a field without value is shown");
      await page.locator(".timeline", { hasText: "The impact set to" }).waitFor();
    });

    await check(at("a responder fills in custom fields of every type; what is wrong is said at the field and nothing is saved"), async () => {
      await customField("region", "string", "single_value_fixed", ["Europe", "Asia"]);
      await customField("products", "string", "multi_value_fixed", ["Shop", "Checkout", HOSTILE]);
      await customField("customers", "integer");
      await customField("public", "boolean");
      await customField("tickets", "string", "multi_value");
      const values = async () => Object.fromEntries((await server.api("GET", `/incidents/${incidentId()}/custom_fields/values`)).custom_fields.map((one) => [one.name, one.value]));
      const before = await values();
      const panel = page.locator("section[aria-label='Custom fields']");
      await page.reload();
      await panel.locator("text=Change").click();
      const sheet = page.locator("dialog[open]");
      await sheet.getByLabel("The region").selectOption("Asia");
      await sheet.getByLabel("The customers").fill("many");
      await sheet.getByLabel("The public").selectOption("yes");
      await sheet.getByLabel("The tickets").fill("OPS-1\nOPS-1");
      await sheet.getByLabel(HOSTILE).check();
      await sheet.getByLabel("Shop").check();
      await sheet.getByLabel("The since").fill("2026-02-10T05:30"); // in Berlin, where Ana lives
      await sheet.getByLabel("The impact").fill("");
      await sheet.getByRole("button", { name: "Save" }).click();
      await sheet.locator(".field", { hasText: "The customers" }).locator(".field-wrong", { hasText: "Must be a whole number." }).waitFor();
      await sheet.locator(".field", { hasText: "The tickets" }).locator(".field-wrong", { hasText: '"OPS-1" is there twice.' }).waitFor();
      expect((await sheet.locator(".field-wrong").count()) === 2, "a right field is marked");
      expect(JSON.stringify(await values()) === JSON.stringify(before), "something was saved");
      await look("fields-wrong");
      await sheet.getByLabel("The customers").fill("12");
      await sheet.getByLabel("The tickets").fill("OPS-1\nOPS-2");
      await look("fields");
      await sheet.getByRole("button", { name: "Save" }).click();
      await page.waitForSelector("dialog", { state: "detached" });
      await panel.locator("dd", { hasText: "OPS-1, OPS-2" }).waitFor();
      const { impact, since, ...now } = await values();
      expect(JSON.stringify([impact, Date.parse(since), now.region, now.products, now.customers, now.public, now.tickets]) ===
        JSON.stringify([null, Date.parse("2026-02-10T04:30:00Z"), "Asia", [HOSTILE, "Shop"], 12, true, ["OPS-1", "OPS-2"]]), JSON.stringify({ impact, since, ...now }));
      expect(now.status_page === before.status_page, "what nobody touched changed");
      await page.locator(".timeline", { hasText: "The impact cleared" }).waitFor();
      await panel.scrollIntoViewIfNeeded();
      await look("fields-filled");
    });

    await check(at("an administrator defines fields of services and of incidents; what is wrong is said at its place"), async () => {
      const back = page.url();
      await page.click(".avatar");
      await page.click(".account-menu >> text=Custom fields");
      await page.locator("h1", { hasText: "Custom fields" }).waitFor();
      const sheet = page.locator("dialog[open]");
      const ofServices = page.locator("section[aria-label='Fields of services']");
      const ofIncidents = page.locator("section[aria-label='Fields of incidents']");
      await ofServices.getByRole("button", { name: "Add a field" }).click();
      await sheet.getByLabel("Name", { exact: true }).fill(`Tier of ${size.name}`);
      expect((await sheet.getByLabel("Name for programs").inputValue()) === `tier_of_${size.name}`, "the name for programs does not follow");
      expect((await sheet.getByLabel("Default").count()) === 0, "a field of services has a default");
      await sheet.getByLabel("Kind").selectOption("One of several choices");
      await sheet.getByRole("textbox", { name: "Choices" }).fill(`gold\n${HOSTILE}\ngold`);
      await sheet.getByLabel("Description").fill("How much it matters");
      await sheet.getByRole("button", { name: "Save" }).click();
      await sheet.locator(".field", { hasText: "Choices" }).locator(".field-wrong", { hasText: '"gold" has already been taken.' }).waitFor();
      await look("define-wrong");
      await sheet.getByRole("textbox", { name: "Choices" }).fill(`gold\n${HOSTILE}`);
      await look("define");
      await sheet.getByRole("button", { name: "Save" }).click();
      await page.waitForSelector("dialog", { state: "detached" });
      await ofServices.locator(".definition", { hasText: `gold · ${HOSTILE}` }).waitFor();
      await ofIncidents.getByRole("button", { name: "Add a field" }).click();
      await sheet.getByLabel("Name", { exact: true }).fill(`Callers of ${size.name}`);
      await sheet.getByLabel("Kind").selectOption("Whole number");
      await sheet.getByLabel("Default").fill("many");
      await sheet.getByRole("button", { name: "Save" }).click();
      await sheet.locator(".field", { hasText: "Default" }).locator(".field-wrong", { hasText: "Must be a whole number." }).waitFor();
      await sheet.getByLabel("Default").fill("3");
      await page.keyboard.press("Enter");
      await page.waitForSelector("dialog", { state: "detached" });
      await ofIncidents.locator(".definition", { hasText: "begins as 3" }).waitFor();
      await ofServices.getByRole("button", { name: `Change Tier of ${size.name}` }).click();
      await sheet.getByRole("textbox", { name: "Choices" }).fill(`silver\ngold\n${HOSTILE}`);
      await sheet.getByRole("button", { name: "Save" }).click();
      await ofServices.locator(".definition", { hasText: "silver · gold" }).waitFor();
      const { fields } = await server.api("GET", "/services/custom_fields");
      expect(fields.at(-1).name === `tier_of_${size.name}` && fields.at(-1).field_options.length === 3, JSON.stringify(fields));
      await look("define-list");
      await page.goto(back);
    });

    await check(at("a field of services is filled in and seen on the page of the service, and deleted after a question that says what is lost"), async () => {
      const back = page.url();
      const { incident } = await server.api("GET", `/incidents/${incidentId()}`);
      const values = async () => (await server.api("GET", `/services/${incident.service.id}/custom_fields/values`)).custom_fields.map((one) => one.value);
      await page.goto(incident.service.html_url);
      const panel = page.locator("section[aria-label='Custom fields']");
      await panel.getByRole("button", { name: "Fill in" }).click();
      await page.locator("dialog[open]").getByLabel(`Tier of ${size.name}`).selectOption(HOSTILE);
      await look("service-fields");
      await page.locator("dialog[open]").getByRole("button", { name: "Save" }).click();
      await page.waitForSelector("dialog", { state: "detached" });
      await panel.locator("dd", { hasText: HOSTILE }).waitFor();
      expect(JSON.stringify(await values()) === JSON.stringify([HOSTILE]), `the server says ${await values()}`);
      await panel.scrollIntoViewIfNeeded();
      await look("service-filled");
      await page.goto(`${server.url}/app/custom_fields`);
      for (const [name, lost] of [[`Tier of ${size.name}`, "lost on every service"], [`Callers of ${size.name}`, "lost on every incident"]]) {
        const button = page.getByRole("button", { name: `Delete ${name}` });
        await button.click();
        await page.locator("dialog[open]", { hasText: lost }).waitFor();
        await look("delete-field");
        await page.keyboard.press("Escape");
        await page.waitForSelector("dialog", { state: "detached" });
        await button.click();
        await page.locator("dialog[open]").getByRole("button", { name: "Delete" }).click();
        await button.waitFor({ state: "detached" });
      }
      expect((await values()).length === 0, "the value is still there");
      await page.goto(incident.service.html_url);
      await page.locator(".names li").first().waitFor();
      expect((await panel.count()) === 0, "the page of the service still has fields");
      await page.goto(back);
      await page.waitForSelector(".now-triggered");
    });

    await check(at("every html_url of what an incident names leads to a page that says what it is"), async () => {
      const back = page.url();
      const { incident } = await server.api("GET", `/incidents/${incidentId()}`);
      const { escalation_policy: policy } = await server.api("GET", `/escalation_policies/${incident.escalation_policy.id}`);
      const schedule = policy.escalation_rules.flatMap((rule) => rule.targets).find((target) => target.type === "schedule_reference");
      for (const [name, thing] of [["service", incident.service], ["policy", policy], ["schedule", schedule], ["person", incident.assignments[0].assignee], ["team", incident.teams[0]]]) {
        await page.goto(thing.html_url);
        await page.locator("h1", { hasText: thing.summary }).waitFor();
        await page.locator(".names li, .shifts li").first().waitFor();
        if (["service", "person", "team"].includes(name)) await page.locator(".row", { hasText: title }).waitFor();
        await look(name);
      }
      const { schedule: shiftBased } = await server.api("POST", "/v3/schedules", { schedule: { name: `Follow the sun ${size.name}`, time_zone: "Europe/Berlin", description: HOSTILE } });
      await page.goto(shiftBased.html_url);
      await page.locator("h1", { hasText: shiftBased.name }).waitFor();
      await page.locator(".panel", { hasText: "it calls nobody" }).waitFor();
      await page.goto(`${server.url}/app/services/PNOBODY`);
      await page.locator("h1", { hasText: "There is no such service" }).waitFor();
      await page.goto(back);
      await page.waitForSelector(".now-triggered");
    });

    await check(at("escalating names who is called and calls them"), async () => {
      const before = await page.textContent(".now-who");
      await page.click(".minor-actions >> text=Escalate");
      const next = await page.locator("dialog .choice", { has: page.locator("input:checked") }).locator(".quiet").textContent();
      await page.click("dialog .button-primary");
      await page.waitForSelector("dialog", { state: "detached" });
      await page.locator(".now-who", { hasText: next }).waitFor();
      expect(before !== (await page.textContent(".now-who")), "the same person is called");
      expect((await assigned()).join() === next, `the server says ${await assigned()}`);
    });

    await check(at("reassigning to a person found by name"), async () => {
      await page.click(".minor-actions >> text=Reassign");
      await page.fill("dialog input[type=search]", "deepa");
      await page.locator("dialog .choice", { hasText: "Deepa" }).click();
      await page.click("dialog .button-primary");
      await page.locator(".now-who", { hasText: "Deepa" }).waitFor();
      expect((await assigned()).join().startsWith("Deepa"), `the server says ${await assigned()}`);
    });

    await check(at("reassigning to an escalation policy starts it at its first level"), async () => {
      await page.click(".minor-actions >> text=Reassign");
      await page.click("dialog >> text=Escalation policy");
      await page.locator("dialog .choice").last().click();
      const policy = await page.locator("dialog .choice").last().textContent();
      await page.click("dialog .button-primary");
      await page.waitForSelector("dialog", { state: "detached" });
      await page.locator(".incident-facts", { hasText: policy }).waitFor();
    });

    await check(at("asking for help calls somebody in addition"), async () => {
      await page.click(".minor-actions >> text=Get help");
      await page.fill("dialog input[type=search]", "omar");
      await page.locator("dialog .choice", { hasText: "Omar" }).click();
      await page.click("dialog .button-primary");
      await page.waitForSelector("dialog", { state: "detached" });
      await page.locator(".timeline", { hasText: "Omar" }).waitFor();
      await look("incident-later");
      await page.screenshot({ path: join(pictures, `${size.name}-incident-whole.png`), fullPage: true });
    });

    await check(at("snoozing says until when"), async () => {
      await page.click(".minor-actions >> text=Snooze");
      await page.locator("dialog .choice").first().click();
      await page.click("dialog .button-primary");
      await page.locator(".now-next", { hasText: "Snoozed" }).waitFor();
      await look("snoozed");
      await server.api("PUT", `/incidents/${incidentId()}`, { incident: { id: incidentId(), type: "incident", escalation_level: 1 } });
      await page.waitForSelector(".now-triggered");
    });

    await check(at("acknowledging with the keyboard is true on the server"), async () => {
      await page.focus(".main-buttons .button-primary");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".now-acknowledged");
      expect((await server.api("GET", `/incidents/${incidentId()}`)).incident.status === "acknowledged", "the server does not say so");
      await look("acknowledged");
    });

    await check(at("a refused action is said, not swallowed"), async () => {
      await page.route("**/incidents/*", (route) => (route.request().method() === "PUT" ? route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify({ error: { message: "The store is not available", code: 2000 } }) }) : route.continue()));
      await page.click(".main-buttons >> text=Resolve");
      await page.click("dialog .button-good");
      await page.locator("dialog [role=alert]", { hasText: "The store is not available" }).waitFor();
      await page.unroute("**/incidents/*");
    });

    await check(at("resolving asks first and closes it"), async () => {
      await page.click("dialog .button-good");
      await page.waitForSelector(".now-resolved");
      await look("resolved");
    });

    await check(at("who is on call, with the hour where they are"), async () => {
      await page.click("nav.tabs >> text=On call");
      await page.waitForSelector(".levels .duty .local-time");
      await look("on-call");
    });

    await check(at("the practice phone rings for a test event and 4 on it acknowledges"), async () => {
      await page.click("nav.tabs >> text=Practice");
      await page.waitForSelector(".phone");
      await look("practice");
      await server.resolveAll();
      const before = (await server.api("GET", "/incidents?statuses[]=triggered&limit=100")).incidents.length;
      await page.click(".test-event button[type=submit]");
      await page.waitForSelector(".call-ringing", { timeout: 120_000 });
      await look("practice-ringing");
      await page.click(".round-good");
      await page.waitForSelector(".keypad");
      await look("practice-call");
      await page.click(".key[aria-label^='4']");
      await page.waitForSelector(".call-reply");
      await look("practice-answered");
      const after = (await server.api("GET", "/incidents?statuses[]=triggered&limit=100")).incidents.length;
      expect(after <= before, `${before} triggered before, ${after} after`);
      await page.click("text=Hang up");
      for (const app of ["Texts", "Calls", "Mail", "Push"]) {
        await page.click(`.dock >> text=${app}`);
        await look(`practice-${app.toLowerCase()}`);
      }
    });

    await check(at("a text is answered on the phone of whoever is called"), async () => {
      await server.resolveAll();
      await page.selectOption(".test-event select", { label: "ledger-db" }); // other people: the fourth message in a minute would wait
      await page.click(".test-event button[type=submit]");
      const note = await page.locator(".test-event .note", { hasText: "Calling" }).textContent();
      const called = /Calling (\S+ \S+?)\.?$/.exec(note)[1];
      await page.locator(".person", { hasText: called }).click();
      await page.click(".dock >> text=Texts");
      await page.locator(".reply .quick .button", { hasText: "acknowledge" }).click();
      await page.waitForSelector(".exchange .bubble-in");
      await eventually("the text acknowledged it", async () => (await server.api("GET", "/incidents?statuses[]=triggered&limit=100")).incidents.length === 0);
      await look("practice-text-answered");
    });

    await check(at("never stale and green: the header says when the server is gone, and comes back with it"), async () => {
      await page.goto(`${server.url}/app/incidents`);
      await page.waitForSelector(".live-on");
      await server.stop();
      await page.waitForSelector(".live-off");
      expect((await page.locator(".live-on").count()) === 0, "still says live");
      await look("gone");
      await server.start();
      await page.waitForSelector(".live-on", { timeout: 120_000 });
    });

    await check(at("signing out ends the session"), async () => {
      await page.click(".avatar");
      await page.click("text=Sign out");
      await page.waitForSelector("input[type=password]");
      await page.goto(`${server.url}/app/incidents`);
      await page.waitForSelector("input[type=password]");
    });

    await check(at("nothing ran that should not, and nothing was fetched from elsewhere"), async () => {
      expect((await page.evaluate(() => window.pwned)) === undefined, "a payload ran");
      expect(strange.length === 0, strange.join("; "));
    });
    await context.close();
  }
  await signIn(browser);
  await oidc(browser);
} catch (error) {
  await check("the run itself", () => { throw new Error(`${error.stack}\n${server.log.slice(-2000)}`); });
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
conclude();
