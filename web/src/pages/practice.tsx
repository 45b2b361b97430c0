// Why: the first minute of a newcomer and every rehearsal after it: cause an event, watch a phone ring, answer it. The messages
// are the real ones; only the last step, the provider, is this page.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get, post, serverNow, type Query } from "../api/client";
import type { Incident, PracticeMessage, PracticeUser, Service, Session } from "../api/types";
import { Phone } from "../components/phone";
import { ErrorNote, Loading, LocalTime, useAction } from "../components/ui";
import { setUp, useNow, useResource } from "../live";
import { byPerson, isRinging, waiting } from "../practice";
import { whoLine } from "../order";
import { navigate, to } from "../router";

const PHONES_MAX = 24; // people on this page; a practice installation has a handful

// The server's rule for storms (core/bundle.h), only told here, not applied.
const BUNDLE_WINDOW_MS = 60_000;
const SINGLES_MAX = 3;

interface Phones {
  users: PracticeUser[];
  messages: Map<string, PracticeMessage[]>;
  /** Ids of the triggered incidents. */
  open: Set<string>;
}

/** Everybody's messages, and one's own once more: verification codes are only told to their owner. */
async function load(session: Session, signal: AbortSignal): Promise<Phones> {
  const messages = (query: Query): Promise<{ messages: PracticeMessage[] }> => get("muster/practice/messages", query, signal);
  const [{ users }, all, own, triggered] = await Promise.all([
    get<{ users: PracticeUser[] }>("muster/practice/users", undefined, signal),
    messages({}),
    messages({ user: session.user.id }),
    get<{ incidents: Incident[] }>("incidents", { statuses: ["triggered"], limit: 100, date_range: "all", sort_by: "created_at:desc" }, signal),
  ]);
  return { users: users.slice(0, PHONES_MAX), messages: byPerson([all.messages, own.messages]), open: new Set(triggered.incidents.map((incident) => incident.id)) };
}

interface Accepted { status: string; dedup_key: string }

/** What became of the test event. An event may join an open incident, and then nobody is called anew: said, not hidden. */
function Effect({ dedupKey, title }: { dedupKey: string; title: string }): JSX.Element {
  const found = useResource(`effect ${dedupKey}`, (signal) => get<{ incidents: Incident[] }>("incidents", { incident_key: dedupKey, limit: 1, date_range: "all", sort_by: "created_at:desc" }, signal));
  const incident = found.value?.incidents[0];
  if (!incident) return <p class="note note-good" role="status">Accepted: “{title}”.</p>;
  const joined = incident.alert_counts.all > 1;
  return (
    <p class={joined ? "note note-warning" : "note note-good"} role="status">
      {joined
        ? <>“{title}” joined the open incident <a href={to(`incidents/${incident.id}`)}>#{incident.incident_number}</a> of {incident.service.summary}. {incident.status === "acknowledged" ? "Somebody has it already, so nobody is called. Resolve it, and the next event rings again." : `${whoLine(incident)} about it already.`}</>
        : <>Accepted as incident <a href={to(`incidents/${incident.id}`)}>#{incident.incident_number}</a>. {whoLine(incident)}.</>}
    </p>
  );
}

const TROUBLES = ["Checkout answers slowly", "Payment errors above 5 %", "No orders for 3 minutes", "Database ledger-db is out of connections", "Label printer offline in hall 2"] as const;

function TestEvent(): JSX.Element {
  const services = useResource("practice services", (signal) => get<{ services: Service[] }>("services", { include: ["integrations"], limit: 100 }, signal), setUp);
  const usable = services.value?.services.flatMap((service) => {
    const key = service.integrations.find((integration) => integration.integration_key)?.integration_key;
    return key ? [{ id: service.id, name: service.name, key }] : [];
  });
  const [serviceId, setServiceId] = useState<string>();
  const [turn, setTurn] = useState(0);
  const [title, setTitle] = useState<string>(TROUBLES[0]);
  const [accepted, setAccepted] = useState<{ title: string; key: string }>();
  const action = useAction();
  const [sentAt, setSentAt] = useState<number[]>([]);
  const hurried = sentAt.filter((at) => at > serverNow() - BUNDLE_WINDOW_MS).length > SINGLES_MAX;
  const service = usable?.find((one) => one.id === serviceId) ?? usable?.[0];

  const send = (): Promise<boolean> =>
    action.run("event", async () => {
      setAccepted(undefined);
      if (!service) return;
      const answer = await post<Accepted>("v2/enqueue", { routing_key: service.key, event_action: "trigger", payload: { summary: title, source: "practice phone", severity: "critical" }, client: "Muster practice phone" });
      setAccepted({ title, key: answer.dedup_key });
      setSentAt((before) => [...before.slice(-10), serverNow()]);
      setTurn(turn + 1);
      setTitle(TROUBLES[(turn + 1) % TROUBLES.length] ?? TROUBLES[0]);
    });

  return (
    <section class="panel test-event">
      <h2>1. Cause some trouble</h2>
      <ErrorNote error={services.error} retry={() => void services.reload()} />
      {usable?.length === 0 && <p class="quiet">No service has an integration yet. Create a service with an Events API v2 integration first.</p>}
      {service && (
        <form onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}>
          <label>What happens<input type="text" required maxLength={1024} value={title} onInput={(event) => setTitle(event.currentTarget.value)} /></label>
          <label>
            To which service
            <select value={service.id} onChange={(event) => setServiceId(event.currentTarget.value)}>
              {usable?.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </select>
          </label>
          <button type="submit" class="button button-primary button-wide" disabled={action.pending !== undefined} aria-busy={action.pending !== undefined}>{action.pending ? "Sending…" : "Send a test event"}</button>
        </form>
      )}
      <ErrorNote error={action.error} />
      {accepted && <Effect key={accepted.key} dedupKey={accepted.key} title={accepted.title} />}
      {hurried && <p class="quiet">More than {SINGLES_MAX} messages in a minute: further ones wait a little and come together, so that a storm does not drown whoever it wakes.</p>}
    </section>
  );
}

/** The phone to look at when nobody was picked: one that rings, else the newest message, else the first. */
export function liveliest(phones: Phones, now: number): string | undefined {
  const score = (user: PracticeUser): number => {
    const messages = phones.messages.get(user.id) ?? [];
    if (messages.some((message) => isRinging(message, phones.open, now))) return Number.MAX_SAFE_INTEGER;
    return Math.max(0, ...messages.map((message) => Date.parse(message.sent_at)));
  };
  return phones.users.slice().sort((a, b) => score(b) - score(a))[0]?.id;
}

function People({ phones, chosen, now }: { phones: Phones; chosen: string | undefined; now: number }): JSX.Element {
  return (
    <nav class="panel people" aria-label="Whose phone">
      <h2>2. Pick up a phone</h2>
      <ul>
        {phones.users.map((user) => {
          const messages = phones.messages.get(user.id) ?? [];
          const rings = messages.some((message) => isRinging(message, phones.open, now));
          const open = waiting(messages, phones.open);
          return (
            <li key={user.id}>
              <a href={to(`practice/${user.id}`)} class="person" aria-current={user.id === chosen ? "true" : undefined}>
                <span class="choice-name">{user.name}</span>
                <span class="quiet"><LocalTime zone={user.time_zone} /></span>
                {rings ? <span class="tag tag-high">ringing</span> : open > 0 && <span class="badge" aria-label={`${open} unanswered`}>{open}</span>}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

export function PracticePage({ userId, session }: { userId: string | undefined; session: Session }): JSX.Element {
  const now = useNow();
  const phones = useResource("phones", (signal) => load(session, signal));
  const chosen = userId ?? (phones.value && liveliest(phones.value, now));
  const user = phones.value?.users.find((one) => one.id === chosen);
  // A phone once looked at stays in the hand: it must not change under the thumb when another one rings.
  useEffect(() => {
    const rings = phones.value && chosen && (phones.value.messages.get(chosen) ?? []).some((message) => phones.value && isRinging(message, phones.value.open, now));
    if (rings && !userId) navigate(`practice/${chosen}`, true);
  }, [phones.value, userId, chosen]);

  return (
    <>
      <div class="page-head">
        <h1>Practice phone</h1>
        <p class="quiet">The whole loop without a phone company: the server really calls, and the calls ring here.</p>
      </div>
      <ErrorNote error={phones.error} retry={() => void phones.reload()} />
      {!phones.value && !phones.error && <Loading what="phones" />}
      {phones.value?.users.length === 0 && (
        // Without practice phones a test event would call real ones: it is not offered.
        <div class="empty"><h2>No practice phone here</h2><p>This installation calls real phones only. The setting <code>practice = yes</code> gives every channel that has no provider a practice phone.</p></div>
      )}
      {phones.value && phones.value.users.length > 0 && (
        <div class="practice">
          <div class="practice-side">
            <TestEvent />
            <People phones={phones.value} chosen={chosen} now={now} />
          </div>
          {user
            ? <Phone key={user.id} user={user} messages={phones.value.messages.get(user.id) ?? []} open={phones.value.open} mine={user.id === session.user.id} />
            : <div class="empty"><h2>No such phone</h2><p>Nobody here has a contact method that the practice phone serves.</p></div>}
        </div>
      )}
    </>
  );
}
