// Why: everything a responder can do to an incident. What cannot be taken back or wakes somebody asks first and says what will
// happen; acknowledging is one tap. A button that was pressed shows that it waits until the server has answered.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { get, post, put, serverNow } from "../api/client";
import type { EscalationPolicy, Incident, Session, User } from "../api/types";
import { setUp, useResource } from "../live";
import { levelAfter, peopleAt, type Ladder } from "../next_step";
import { names } from "../order";
import { duration, hourMinute, shortMoment } from "../time";
import { Icon } from "./icons";
import { PeoplePicker } from "./people";
import { Dialog, DialogButtons, ErrorNote, toast, useAction, type Action } from "./ui";

interface Props {
  incident: Incident;
  ladder: Ladder;
  session: Session;
  onChanged: () => Promise<void>;
}
interface SheetProps extends Props {
  action: Action;
  /** Sends it; on success says `done` and closes. */
  send: (name: string, work: () => Promise<unknown>, done: string) => Promise<void>;
  onClose: () => void;
}

const change = (incident: Incident, fields: Record<string, unknown>): Promise<unknown> =>
  put(`incidents/${incident.id}`, { incident: { id: incident.id, type: "incident", ...fields } });

function ResolveSheet({ incident, action, send, onClose }: SheetProps): JSX.Element {
  const open = incident.alert_counts.triggered;
  return (
    <Dialog title="Resolve this incident?" onClose={onClose}>
      <p>All calls about it stop{open > 0 ? ` and its ${open === 1 ? "open alert is" : `${open} open alerts are`} resolved` : ""}. It stays closed: if the problem comes back, a new incident opens and calls again.</p>
      <DialogButtons confirm="Resolve" tone="good" action={action} name="resolve" onClose={onClose} onConfirm={() => void send("resolve", () => change(incident, { status: "resolved" }), "Resolved. All calls about it have stopped.")} />
    </Dialog>
  );
}

function EscalateSheet({ incident, ladder, action, send, onClose }: SheetProps): JSX.Element {
  const levels = ladder.policy?.escalation_rules.map((_, index) => index + 1) ?? [];
  const [level, setLevel] = useState(levelAfter(ladder) ?? levels[0] ?? 1);
  const people = names(peopleAt(ladder.onCalls, level));
  return (
    <Dialog title="Escalate" onClose={onClose}>
      <fieldset class="choices">
        <legend>{incident.escalation_policy.summary}</legend>
        {levels.map((one) => (
          <label key={one} class="choice">
            <input type="radio" name="level" checked={level === one} onChange={() => setLevel(one)} />
            <span class="choice-name">Level {one}{one === ladder.level ? " (called now)" : ""}</span>
            <span class={peopleAt(ladder.onCalls, one).length > 0 ? "quiet" : "gap"}>{names(peopleAt(ladder.onCalls, one)) || "nobody is on call"}</span>
          </label>
        ))}
      </fieldset>
      <p>{people ? `${people} will be called at once, by their own notification rules.` : "Nobody is on call at this level: the server goes on to whoever comes next."}{incident.status === "acknowledged" ? " The incident counts as unacknowledged again." : ""}</p>
      <DialogButtons confirm="Escalate" action={action} name="escalate" onClose={onClose} onConfirm={() => void send("escalate", () => change(incident, { escalation_level: level }), `Escalated to level ${level}.`)} />
    </Dialog>
  );
}

function ReassignSheet({ incident, action, send, onClose }: SheetProps): JSX.Element {
  const [to, setTo] = useState<"people" | "policy">("people");
  const [people, setPeople] = useState<User[]>([]);
  const [policy, setPolicy] = useState<EscalationPolicy>();
  const policies = useResource("policies", (signal) => get<{ escalation_policies: EscalationPolicy[] }>("escalation_policies", { limit: 100 }, signal), setUp);
  const chosen = to === "people" ? names(people.map((user) => user.name)) : (policy?.name ?? "");
  const fields = to === "people"
    ? { assignments: people.map((user) => ({ assignee: { id: user.id, type: "user_reference" } })) }
    : { escalation_policy: { id: policy?.id, type: "escalation_policy_reference" } };
  return (
    <Dialog title="Reassign" onClose={onClose}>
      <div class="switch" role="group" aria-label="Reassign to">
        <button type="button" aria-pressed={to === "people"} onClick={() => setTo("people")}>People</button>
        <button type="button" aria-pressed={to === "policy"} onClick={() => setTo("policy")}>Escalation policy</button>
      </div>
      {to === "people"
        ? <PeoplePicker several chosen={people.map((user) => user.id)} onChange={(_, users) => setPeople(users)} />
        : (
          <>
            <ErrorNote error={policies.error} />
            <ul class="choices">
              {policies.value?.escalation_policies.map((one) => (
                <li key={one.id}><label class="choice"><input type="radio" name="policy" checked={policy?.id === one.id} onChange={() => setPolicy(one)} /><span class="choice-name">{one.name}</span></label></li>
              ))}
            </ul>
          </>
        )}
      <p>{chosen === "" ? "Choose who takes it." : to === "people" ? `${chosen} will be called at once. Nobody else is called after them: the policy no longer climbs.` : `${chosen} starts at its first level, at once. Whoever is called now is no longer called.`}</p>
      <DialogButtons confirm="Reassign" action={action} name="reassign" disabled={chosen === ""} onClose={onClose} onConfirm={() => void send("reassign", () => change(incident, fields), `Reassigned to ${chosen}.`)} />
    </Dialog>
  );
}

/** Seconds until the next 09:00 on the reader's clock. Good to the minute, which a snooze is. */
export function secondsUntilMorning(now: number): number {
  const [hour = 0, minute = 0] = hourMinute(now).split(":").map(Number);
  const passed = hour * 60 + minute;
  return ((9 * 60 - passed + 24 * 60) % (24 * 60) || 24 * 60) * 60;
}

function SnoozeSheet({ incident, action, send, onClose }: SheetProps): JSX.Element {
  const [now] = useState(serverNow);
  const morning = secondsUntilMorning(now);
  const options = [1800, 3600, 4 * 3600, 8 * 3600, morning];
  const [seconds, setSeconds] = useState(3600);
  return (
    <Dialog title="Snooze" onClose={onClose}>
      <fieldset class="choices">
        <legend>Quiet for</legend>
        {options.map((one, index) => (
          <label key={index} class="choice">
            <input type="radio" name="snooze" checked={seconds === one} onChange={() => setSeconds(one)} />
            <span class="choice-name">{index === options.length - 1 ? "until 09:00" : duration(one)}</span>
            <span class="quiet">{shortMoment(now + one * 1000, now)}</span>
          </label>
        ))}
      </fieldset>
      <p>It is acknowledged in your name and nobody is called until {shortMoment(now + seconds * 1000, now)}. If it is still open then, it calls again.</p>
      <DialogButtons confirm="Snooze" action={action} name="snooze" onClose={onClose} onConfirm={() => void send("snooze", () => post(`incidents/${incident.id}/snooze`, { duration: seconds }), `Snoozed until ${shortMoment(now + seconds * 1000, now)}.`)} />
    </Dialog>
  );
}

function NoteSheet({ incident, action, send, onClose }: SheetProps): JSX.Element {
  const [content, setContent] = useState("");
  return (
    <Dialog title="Add a note" onClose={onClose}>
      <label>What you found, tried or decided<textarea rows={4} maxLength={25000} autoFocus value={content} onInput={(event) => setContent(event.currentTarget.value)} /></label>
      <p class="quiet">Everyone who reads the incident sees it, with your name and the time.</p>
      <DialogButtons confirm="Add the note" action={action} name="note" disabled={content.trim() === ""} onClose={onClose} onConfirm={() => void send("note", () => post(`incidents/${incident.id}/notes`, { note: { content: content.trim() } }), "Note added.")} />
    </Dialog>
  );
}

function RespondersSheet({ incident, session, action, send, onClose }: SheetProps): JSX.Element {
  const [people, setPeople] = useState<User[]>([]);
  const [message, setMessage] = useState("");
  const chosen = names(people.map((user) => user.name));
  const body = {
    requester_id: session.user.id,
    message: message.trim() || `Please help with ${incident.title}`,
    responder_request_targets: people.map((user) => ({ responder_request_target: { id: user.id, type: "user_reference" } })),
  };
  return (
    <Dialog title="Ask for help" onClose={onClose}>
      <PeoplePicker several chosen={people.map((user) => user.id)} onChange={(_, users) => setPeople(users)} />
      <label>Message<input type="text" maxLength={255} placeholder={`Please help with ${incident.title}`} value={message} onInput={(event) => setMessage(event.currentTarget.value)} /></label>
      <p>{chosen === "" ? "Choose whom to ask." : `${chosen} will be called now with your message, in addition to whoever has the incident.`}</p>
      <DialogButtons confirm="Call them" action={action} name="responders" disabled={chosen === ""} onClose={onClose} onConfirm={() => void send("responders", () => post(`incidents/${incident.id}/responder_requests`, body), `Called ${chosen}.`)} />
    </Dialog>
  );
}

const SHEETS = { resolve: ResolveSheet, escalate: EscalateSheet, reassign: ReassignSheet, snooze: SnoozeSheet, note: NoteSheet, responders: RespondersSheet } as const;
type SheetName = keyof typeof SHEETS;

export function IncidentActions(props: Props): JSX.Element {
  const { incident, onChanged } = props;
  const [sheet, setSheet] = useState<SheetName>();
  const action = useAction();
  const close = (): void => {
    setSheet(undefined);
    action.clear();
  };
  const send: SheetProps["send"] = async (name, work, done) => {
    if (!(await action.run(name, work))) return;
    setSheet(undefined);
    toast(done);
    await onChanged();
  };
  const acknowledging = action.pending === "acknowledge";
  const minor: readonly { name: SheetName; label: string; icon: "up" | "person" | "clock" | "note" | "call" }[] = [
    ...(incident.status === "resolved" ? [] : [
      { name: "escalate", label: "Escalate", icon: "up" } as const,
      { name: "reassign", label: "Reassign", icon: "person" } as const,
      { name: "snooze", label: "Snooze", icon: "clock" } as const,
      { name: "responders", label: "Get help", icon: "call" } as const,
    ]),
    { name: "note", label: "Note", icon: "note" },
  ];
  const Sheet = sheet && SHEETS[sheet];
  return (
    <>
      <div class="minor-actions">
        {minor.map(({ name, label, icon }) => (
          <button key={name} type="button" class="button" onClick={() => setSheet(name)}><Icon name={icon} size={18} />{label}</button>
        ))}
      </div>
      {incident.status !== "resolved" && (
        <div class="main-actions">
          {!sheet && <ErrorNote error={action.error} />}
          <div class="main-buttons">
            {incident.status === "triggered" && (
              <button
                type="button"
                class="button button-primary button-big"
                disabled={acknowledging}
                aria-busy={acknowledging}
                onClick={() => void send("acknowledge", () => change(incident, { status: "acknowledged" }), "Acknowledged. You have it; nobody else is called.")}
              >
                {acknowledging ? "Sending…" : "Acknowledge"}
              </button>
            )}
            <button type="button" class={`button button-big ${incident.status === "acknowledged" ? "button-good" : ""}`} onClick={() => setSheet("resolve")}>Resolve</button>
          </div>
        </div>
      )}
      {Sheet && <Sheet {...props} action={action} send={send} onClose={close} />}
    </>
  );
}
