// Why: what a message looks like on a phone: which calls still ring, what is said, what a text reads like. Pure, so that it can
// be tested without a phone.
import type { PracticeChannel, PracticeMessage } from "./api/types";

export const RING_MS = 45_000; // then a real phone would have gone to voicemail
export const BANNER_MS = 20_000; // then it waits in the list of notifications

export const KEYS = [
  { key: "4", label: "acknowledge" },
  { key: "6", label: "resolve" },
  { key: "8", label: "escalate" },
] as const;

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;
export const KEYPAD: readonly { digit: string; label: string }[] = DIGITS.map((digit) => ({ digit, label: KEYS.find((one) => one.key === digit)?.label ?? "" }));

export function isPage(message: PracticeMessage): boolean {
  return message.kind === "page";
}

/** Whether an answer still changes something: nobody has answered for this incident. `open`: ids of the triggered incidents. */
export function isWaiting(message: PracticeMessage, open: ReadonlySet<string>): boolean {
  if (!isPage(message) || message.answered_at !== null || message.state === "cancelled") return false;
  const ids = [message.incident?.id, ...(message.content.incidents ?? []).map((one) => one.id)].filter((id) => id !== undefined);
  return ids.length === 0 || ids.some((id) => open.has(id));
}

export function isRinging(message: PracticeMessage, open: ReadonlySet<string>, now: number): boolean {
  const fresh = message.channel === "phone" && message.answered_at === null && message.state !== "cancelled" && now - Date.parse(message.sent_at) < RING_MS;
  return fresh && (!isPage(message) || isWaiting(message, open));
}

/** What stands in the text or is said in the call. */
export function body(message: PracticeMessage): string {
  if (message.text) return message.text;
  const lines = message.content.lines?.filter((line) => line !== "") ?? [];
  return [message.content.subject ?? "", ...lines].filter((line, index, all) => line !== "" && all.indexOf(line) === index).join("\n");
}

export function of(messages: readonly PracticeMessage[], channel: PracticeChannel): PracticeMessage[] {
  return messages.filter((message) => message.channel === channel);
}

/** Oldest first, as a thread is read. */
export function thread(messages: readonly PracticeMessage[]): PracticeMessage[] {
  return of(messages, "sms").slice().sort((a, b) => Date.parse(a.sent_at) - Date.parse(b.sent_at));
}

/** Messages by person, newest first, each once. */
export function byPerson(lists: readonly (readonly PracticeMessage[])[]): Map<string, PracticeMessage[]> {
  const found = new Map<string, PracticeMessage[]>();
  const known = new Set<string>();
  for (const message of lists.flat()) {
    if (!message.user || known.has(message.id)) continue;
    known.add(message.id);
    const mine = found.get(message.user.id);
    if (mine) mine.push(message);
    else found.set(message.user.id, [message]);
  }
  for (const mine of found.values()) mine.sort((a, b) => Date.parse(b.sent_at) - Date.parse(a.sent_at));
  return found;
}

/** The push that has just come in, while it hangs over whatever is on the screen. */
export function banner(messages: readonly PracticeMessage[], open: ReadonlySet<string>, now: number): PracticeMessage | undefined {
  return of(messages, "push").find((message) => (!isPage(message) || isWaiting(message, open)) && now - Date.parse(message.sent_at) < BANNER_MS);
}

export function waiting(messages: readonly PracticeMessage[], open: ReadonlySet<string>, channel?: PracticeChannel): number {
  return messages.filter((message) => (channel === undefined || message.channel === channel) && isWaiting(message, open)).length;
}

/** "acknowledge" for "4", "4 42" and "ack 42"; the answer itself where it is none of ours. */
export function meaning(answer: string): string {
  const word = answer.trim().toLowerCase().split(/\s+/)[0] ?? "";
  const known: Record<string, string> = { "4": "acknowledge", ack: "acknowledge", acknowledge: "acknowledge", "6": "resolve", res: "resolve", resolve: "resolve", "8": "escalate", esc: "escalate", escalate: "escalate" };
  return known[word] ?? answer;
}
