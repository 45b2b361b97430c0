// Why: at every moment three questions are answered here: is this view current, how many incidents wait, is anything wrong with
// the paging itself. On a phone the way between pages is at the bottom, under the thumb.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { get, learnServerTime } from "../api/client";
import type { Alarm, Session, Summary } from "../api/types";
import { useLive, useNow, useResource } from "../live";
import { to, useRoute } from "../router";
import { mayManage } from "../permission";
import { clock } from "../time";
import { Icon, Logo, type IconName } from "./icons";

const ALARMS_SHOWN = 2; // more would push the incidents off a phone

function LiveMark(): JSX.Element {
  const live = useLive();
  const now = useNow(1000);
  if (live.state === "live") return <span class="live live-on" role="status"><span class="dot" aria-hidden="true" />Live</span>;
  if (live.state === "connecting" && (live.heardAt === undefined || now - live.heardAt < 8_000)) return <span class="live live-wait" role="status"><span class="dot" aria-hidden="true" />Connecting</span>;
  const silent = live.heardAt === undefined ? 0 : now - live.heardAt;
  return (
    <span class="live live-off" role="status">
      <span class="dot" aria-hidden="true" />
      {live.heardAt === undefined || silent < 8_000 ? "Reconnecting" : `Stale since ${clock(live.heardAt)}`}
    </span>
  );
}

function Alarms({ summary }: { summary: Summary | undefined }): JSX.Element | null {
  const alarms = summary?.alarms ?? [];
  if (alarms.length === 0) return null;
  const line = (alarm: Alarm): JSX.Element => (
    <p key={alarm.text}>
      <strong>Alarm</strong> {alarm.incident ? <a href={to(`incidents/${alarm.incident.id}`)}>{alarm.text}</a> : alarm.text}
    </p>
  );
  const rest = alarms.slice(ALARMS_SHOWN);
  return (
    <div class="alarms" role="alert">
      {alarms.slice(0, ALARMS_SHOWN).map(line)}
      {rest.length > 0 && <details><summary>{rest.length} more {rest.length === 1 ? "alarm" : "alarms"}</summary>{rest.map(line)}</details>}
    </div>
  );
}

function Tab({ page, icon, current, children, badge }: { page: string; icon: IconName; current: boolean; children: ComponentChildren; badge?: number }): JSX.Element {
  return (
    <a href={to(page)} class="tab" aria-current={current ? "page" : undefined}>
      <Icon name={icon} size={22} />
      <span>{children}</span>
      {badge !== undefined && badge > 0 && <span class="badge" aria-label={`${badge} unacknowledged`}>{badge > 99 ? "99+" : badge}</span>}
    </a>
  );
}

function Account({ session, onSignOut }: { session: Session; onSignOut: () => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const initials = session.name.split(/\s+/).map((word) => word.charAt(0)).slice(0, 2).join("").toUpperCase();
  return (
    <div class="account" onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <button type="button" class="avatar" aria-expanded={open} aria-label={`Account of ${session.name}`} onClick={() => setOpen(!open)}>{initials}</button>
      {open && (
        <div class="account-menu">
          <strong>{session.name}</strong>
          <span class="quiet">{session.email}</span>
          <span class="quiet">{session.role.replaceAll("_", " ")} · {session.time_zone}</span>
          {mayManage(session) && <a class="button button-wide" href={to("custom_fields")} onClick={() => setOpen(false)}><Icon name="note" /> Custom fields</a>}
          <a class="button button-wide" href={to("account")} onClick={() => setOpen(false)}><Icon name="lock" /> Second factor</a>
          <button type="button" class="button button-wide" onClick={onSignOut}><Icon name="out" /> Sign out</button>
        </div>
      )}
    </div>
  );
}

export function Header({ session, onSignOut }: { session: Session; onSignOut: () => void }): JSX.Element {
  const route = useRoute();
  const summary = useResource("summary", async (signal) => {
    const found = await get<Summary>("muster/summary", undefined, signal);
    if (found.now) learnServerTime(found.now, found.test_clock === true);
    return found;
  });
  const counts = summary.value?.incidents;
  const waiting = counts?.triggered ?? 0;
  document.title = waiting > 0 ? `(${waiting}) Muster` : "Muster";
  return (
    <>
      <header class="top">
        <a class="brand" href={to("incidents")}><Logo /><span>Muster</span></a>
        <LiveMark />
        {counts && (
          <span class="counts" title="Open incidents">
            <span class={waiting > 0 ? "count count-triggered" : "count"}><b>{counts.triggered}</b> triggered</span>
            <span class="count count-acknowledged"><b>{counts.acknowledged}</b> acknowledged</span>
          </span>
        )}
        <Account session={session} onSignOut={onSignOut} />
      </header>
      <nav class="tabs" aria-label="Pages">
        <Tab page="incidents" icon="incidents" current={route.page === "incidents" || route.page === "incident"} badge={waiting}>Incidents</Tab>
        <Tab page="oncall" icon="oncall" current={route.page === "oncall"}>On call</Tab>
        <Tab page="practice" icon="practice" current={route.page === "practice"}>Practice</Tab>
      </nav>
      {summary.unreachable && <p class="strip" role="status">The server cannot be reached. {summary.at !== undefined && <>What you see is from {clock(summary.at)}; it asks again by itself.</>}</p>}
      {summary.error && !summary.unreachable && <p class="strip" role="status">Counts and alarms are missing: {summary.error.message}</p>}
      <Alarms summary={summary.value} />
    </>
  );
}
