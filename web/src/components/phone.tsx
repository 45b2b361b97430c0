// Why: a phone one can pick up: banners, a call that rings and has a keypad, texts to answer, mail to open.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { post } from "../api/client";
import type { PracticeAnswer, PracticeMessage, PracticeUser } from "../api/types";
import { useNow } from "../live";
import { KEYPAD, KEYS, banner, body, isRinging, isWaiting, meaning, of, thread, waiting } from "../practice";
import { to } from "../router";
import { city, countdown, hourMinute } from "../time";
import { Icon, type IconName } from "./icons";
import { ErrorNote, Moment, useAction, type Action } from "./ui";

type AppName = "sms" | "phone" | "email" | "push";
type Open = ReadonlySet<string>;
const APPS: readonly { name: AppName; label: string; icon: IconName }[] = [
  { name: "sms", label: "Texts", icon: "sms" },
  { name: "phone", label: "Calls", icon: "call" },
  { name: "email", label: "Mail", icon: "mail" },
  { name: "push", label: "Push", icon: "push" },
];

/** What was said to Muster on this page, and what came back. */
interface Exchange { messageId: string; said: string; reply: string }
/** The reply, or undefined when it failed (and is shown as failed). */
type Send = (message: PracticeMessage, answer: string) => Promise<string | undefined>;

function Ringing({ call, onAnswer, onDecline }: { call: PracticeMessage; onAnswer: () => void; onDecline: () => void }): JSX.Element {
  return (
    <div class="call call-ringing" role="alertdialog" aria-label="Incoming call from Muster">
      <div class="call-who">
        <span class="ring" aria-hidden="true"><Icon name="call" size={40} /></span>
        <strong>Muster</strong>
        <span>{call.kind === "page" ? "is calling" : "has news"}</span>
      </div>
      <div class="call-choice">
        <button type="button" class="round round-bad" onClick={onDecline}><Icon name="call" size={28} /><span>Decline</span></button>
        <button type="button" class="round round-good" autoFocus onClick={onAnswer}><Icon name="call" size={28} /><span>Answer</span></button>
      </div>
    </div>
  );
}

function Talking({ call, since, said, action, onKey, onHangUp }: { call: PracticeMessage; since: number; said: string | undefined; action: Action; onKey: (digit: string) => void; onHangUp: () => void }): JSX.Element {
  const now = useNow();
  return (
    <div class="call" role="dialog" aria-label="Call with Muster">
      <div class="call-head"><strong>Muster</strong><span class="quiet">{countdown(Math.max(0, now - since))}</span></div>
      <div class="call-said" aria-live="polite">
        {said && <p class="call-reply">“{said}”</p>}
        {!said && <p>“{body(call)}”</p>}
        <ErrorNote error={action.error} />
      </div>
      <div class="keypad">
        {KEYPAD.map(({ digit, label }) => (
          <button key={digit} type="button" class={label ? "key key-acts" : "key"} aria-label={label ? `${digit}, ${label}` : digit} disabled={action.pending !== undefined} onClick={() => onKey(digit)}>
            <b>{digit}</b><small>{label}</small>
          </button>
        ))}
      </div>
      <button type="button" class="round round-bad" onClick={onHangUp}><Icon name="call" size={26} /><span>Hang up</span></button>
    </div>
  );
}

function Texts({ messages, exchanges, open, send, action }: { messages: PracticeMessage[]; exchanges: Exchange[]; open: Open; send: Send; action: Action }): JSX.Element {
  const [draft, setDraft] = useState("");
  const texts = thread(messages);
  const newest = texts.at(-1);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [newest?.id, newest?.answer, exchanges.length]);
  const said = (id: string): Exchange[] => exchanges.filter((one) => one.messageId === id);
  const answer = async (text: string): Promise<void> => {
    if (!newest || text.trim() === "") return;
    if ((await send(newest, text.trim())) !== undefined) setDraft("");
  };
  return (
    <div class="app-body app-texts">
      <ol ref={list} class="bubbles" aria-label="Texts from Muster">
        {texts.length === 0 && <li class="quiet app-empty">No texts yet</li>}
        {texts.map((text) => (
          <li key={text.id}>
            <p class="bubble bubble-in">{body(text)}</p>
            <span class="bubble-time"><Moment at={text.sent_at} /></span>
            {said(text.id).map((one, index) => (
              <div key={index} class="exchange">
                <p class="bubble bubble-out">{one.said}</p>
                {one.reply && <p class="bubble bubble-in">{one.reply}</p>}
              </div>
            ))}
            {said(text.id).length === 0 && text.answer && <p class="bubble bubble-out">{text.answer}</p>}
            {said(text.id).length === 0 && text.answer && text.answered_at && <span class="bubble-time bubble-time-out"><Moment at={text.answered_at} /></span>}
          </li>
        ))}
      </ol>
      <ErrorNote error={action.error} />
      {newest && (
        <form class="reply" onSubmit={(event) => {
          event.preventDefault();
          void answer(draft);
        }}>
          {isWaiting(newest, open) && (
            <div class="quick">
              {newest.answers.map((one) => <button key={one.action} type="button" class="button button-small" disabled={action.pending !== undefined} onClick={() => void answer(one.text)}>{one.action}</button>)}
            </div>
          )}
          <input type="text" aria-label="Reply" placeholder="Reply, e.g. 4" value={draft} onInput={(event) => setDraft(event.currentTarget.value)} />
          <button type="submit" class="button button-primary button-small" disabled={draft.trim() === "" || action.pending !== undefined}>{action.pending ? "…" : "Send"}</button>
        </form>
      )}
    </div>
  );
}

function Calls({ messages, open, now, onCallBack }: { messages: PracticeMessage[]; open: Open; now: number; onCallBack: (call: PracticeMessage) => void }): JSX.Element {
  const calls = of(messages, "phone");
  return (
    <ul class="app-body calls">
      {calls.length === 0 && <li class="quiet app-empty">No calls yet</li>}
      {calls.map((call) => (
        <li key={call.id} class={isWaiting(call, open) ? "call-line call-missed" : "call-line"}>
          <span><b>Muster</b><br /><span class="quiet">{call.answer ? `answered: ${meaning(call.answer)}` : isRinging(call, open, now) ? "ringing" : call.state === "cancelled" ? "stopped" : "missed"} · <Moment at={call.sent_at} /></span></span>
          {isWaiting(call, open) && <button type="button" class="button button-small" onClick={() => onCallBack(call)}>Call back</button>}
        </li>
      ))}
    </ul>
  );
}

function Mail({ messages, open, send, action }: { messages: PracticeMessage[]; open: Open; send: Send; action: Action }): JSX.Element {
  const mails = of(messages, "email");
  return (
    <div class="app-body mails">
      {mails.length === 0 && <p class="quiet app-empty">No mail yet</p>}
      {mails.map((mail, index) => (
        <details key={mail.id} class="mail" open={index === 0}>
          <summary><b>{mail.content.subject ?? "Message from Muster"}</b><span class="quiet">Muster · <Moment at={mail.sent_at} /></span></summary>
          {body(mail).split("\n").map((line, at) => (at === 0 && line === mail.content.subject ? null : <p key={at}>{line}</p>))}
          {mail.content.details && <pre tabIndex={0}>{mail.content.details}</pre>}
          {mail.content.why && <p class="quiet">{mail.content.why}</p>}
          {mail.answer
            ? <p class="note note-good">You chose: {meaning(mail.answer)}</p>
            : isWaiting(mail, open) && (
              <div class="quick">
                {mail.answers.map((one) => <button key={one.action} type="button" class="button button-small" disabled={action.pending !== undefined} onClick={() => void send(mail, one.action)}>{one.action}</button>)}
              </div>
            )}
          {mail.incident && <p><a href={to(`incidents/${mail.incident.id}`)}>Open the incident</a></p>}
        </details>
      ))}
      <ErrorNote error={action.error} />
    </div>
  );
}

function Push({ push, open, send, action }: { push: PracticeMessage; open: Open; send: Send; action: Action }): JSX.Element {
  return (
    <li class="banner">
      <span><b>{push.content.subject ?? "Muster"}</b><span class="quiet"><Moment at={push.sent_at} />{push.answer ? ` · ${meaning(push.answer)}` : ""}</span></span>
      {isWaiting(push, open) && <button type="button" class="button button-small" disabled={action.pending !== undefined} onClick={() => void send(push, "acknowledge")}>Acknowledge</button>}
    </li>
  );
}

function Pushes({ messages, open, send, action }: { messages: PracticeMessage[]; open: Open; send: Send; action: Action }): JSX.Element {
  const pushes = of(messages, "push");
  return (
    <ul class="app-body pushes">
      {pushes.length === 0 && <li class="quiet app-empty">No notifications yet</li>}
      {pushes.map((push) => <Push key={push.id} push={push} open={open} send={send} action={action} />)}
      <li><ErrorNote error={action.error} /></li>
    </ul>
  );
}

export function Phone({ user, messages, open, mine }: { user: PracticeUser; messages: PracticeMessage[]; open: Open; mine: boolean }): JSX.Element {
  const now = useNow();
  const [app, setApp] = useState<AppName>("sms");
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set());
  const [call, setCall] = useState<{ message: PracticeMessage; since: number; said?: string }>();
  const [exchanges, setExchanges] = useState<Exchange[]>([]);
  const action = useAction();

  const send: Send = async (message, answer) => {
    let reply = "";
    const worked = await action.run(message.id, async () => {
      reply = (await post<PracticeAnswer>(`muster/practice/messages/${message.id}/answer`, { answer })).reply ?? "";
    });
    if (!worked) return undefined;
    setExchanges((before) => [...before, { messageId: message.id, said: answer, reply }]);
    return reply;
  };
  const press = async (digit: string): Promise<void> => {
    if (!call) return;
    const reply = await send(call.message, digit);
    if (reply !== undefined) setCall({ ...call, said: reply || (KEYS.some((one) => one.key === digit) ? `Done: ${meaning(digit)}. Goodbye.` : "That key does nothing here.") });
  };

  const ringing = call ? undefined : messages.find((message) => isRinging(message, open, now) && !declined.has(message.id));
  const arrived = banner(messages, open, now);
  // On a small screen the phone is below the form: one hears a phone, here one must see it.
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (ringing) frame.current?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }, [ringing?.id]);
  return (
    <section ref={frame} class="phone" aria-label={`Phone of ${user.name}`}>
      <div class="phone-top">
        <span>{hourMinute(now, user.time_zone)}</span>
        <span>{user.name}{mine ? " (you)" : ""}</span>
        <span>{city(user.time_zone)}</span>
      </div>
      <div class="phone-screen">
        {call
          ? <Talking call={call.message} since={call.since} said={call.said} action={action} onKey={(digit) => void press(digit)} onHangUp={() => {
            setDeclined(new Set(declined).add(call.message.id));
            setCall(undefined);
            action.clear();
          }} />
          : ringing
            ? <Ringing call={ringing} onAnswer={() => setCall({ message: ringing, since: now })} onDecline={() => setDeclined(new Set(declined).add(ringing.id))} />
            : (
              <>
                {arrived && app !== "push" && <ul class="banners" aria-label="Just arrived"><Push push={arrived} open={open} send={send} action={action} /></ul>}
                {app === "sms" && <Texts messages={messages} exchanges={exchanges} open={open} send={send} action={action} />}
                {app === "phone" && <Calls messages={messages} open={open} now={now} onCallBack={(message) => setCall({ message, since: now })} />}
                {app === "email" && <Mail messages={messages} open={open} send={send} action={action} />}
                {app === "push" && <Pushes messages={messages} open={open} send={send} action={action} />}
                <div class="dock" role="group" aria-label="Apps">
                  {APPS.map(({ name, label, icon }) => {
                    const count = waiting(messages, open, name);
                    return (
                      <button key={name} type="button" class="dock-app" aria-pressed={app === name} onClick={() => setApp(name)}>
                        <Icon name={icon} size={24} />{label}{count > 0 && <span class="badge" aria-label={`${count} unanswered`}>{count}</span>}
                      </button>
                    );
                  })}
                </div>
              </>
            )}
      </div>
    </section>
  );
}
