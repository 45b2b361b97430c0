// Why: at 3 a.m. a time must be read without arithmetic: ages in words, instants on the reader's own clock, and the local hour
// of the person one is about to call.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (n: number): string => String(n).padStart(2, "0");

/** "4 s", "12 min", "3 h 05 min", "2 d 4 h". A future instant counts as now. */
export function age(ms: number): string {
  const passed = Math.max(0, ms);
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ${two(Math.floor((passed % HOUR) / MINUTE))} min`;
  return `${Math.floor(passed / DAY)} d ${Math.floor((passed % DAY) / HOUR)} h`;
}

/** "12 min before", "4 s after": where `at` stands to `other`. */
export function beside(at: string, other: string): string {
  const after = Date.parse(at) - Date.parse(other);
  return after > 0 ? `${age(after)} after` : `${age(-after)} before`;
}

/** "0:42", "4:59", "1:02:03": what is left, rounded up so that it never shows zero early. */
export function countdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND));
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** "5 minutes", "1 hour", "1 h 30 min": a length of time in a sentence. */
export function duration(seconds: number): string {
  if (seconds % 86400 === 0 && seconds > 0) return seconds === 86400 ? "1 day" : `${seconds / 86400} days`;
  if (seconds % 3600 === 0 && seconds > 0) return seconds === 3600 ? "1 hour" : `${seconds / 3600} hours`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  if (seconds % 60 === 0 && seconds > 0) return seconds === 60 ? "1 minute" : `${seconds / 60} minutes`;
  return seconds > 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`;
}

let readerZone: string | undefined;
/** The signed-in person's IANA zone; an unknown one falls back to the device's. */
export function setReaderZone(zone: string | undefined): void {
  try {
    if (zone) new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    readerZone = zone;
  } catch {
    readerZone = undefined;
  }
}

function formatter(options: Intl.DateTimeFormatOptions, zone: string | undefined): Intl.DateTimeFormat {
  const wanted = zone ?? readerZone;
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23", ...(wanted ? { timeZone: wanted } : {}) });
  } catch {
    return new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23" });
  }
}

/** "03:05:00" */
export function clock(at: string | number, zone?: string): string {
  return formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, zone).format(new Date(at));
}

/** "03:05" */
export function hourMinute(at: string | number, zone?: string): string {
  return formatter({ hour: "2-digit", minute: "2-digit" }, zone).format(new Date(at));
}

function day(at: string | number, zone?: string): string {
  return formatter({ year: "numeric", month: "2-digit", day: "2-digit" }, zone).format(new Date(at));
}

/** The clock when `at` is today for the reader, else with weekday and date: "Tue 10 Feb, 03:05". */
export function moment(at: string | number, now: number, zone?: string): string {
  if (day(at, zone) === day(now, zone)) return clock(at, zone);
  // Put together by part: the punctuation between them differs from one browser's language data to the next.
  const parts = formatter({ weekday: "short", day: "numeric", month: "short" }, zone).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")} ${part("month")}, ${hourMinute(at, zone)}`;
}

/** As `moment`, to the minute: for times that nobody waits for. */
export function shortMoment(at: string | number, now: number, zone?: string): string {
  return day(at, zone) === day(now, zone) ? hourMinute(at, zone) : moment(at, now, zone);
}

/** For a tooltip: everything, with the zone named. */
export function exact(at: string | number, zone?: string): string {
  return formatter({ weekday: "short", year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" }, zone).format(new Date(at));
}

/** What the reader's calendar and clock show, as a form's field holds it: "2026-02-10T03:05". */
export function wall(at: string | number, zone?: string): string {
  const parts = formatter({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }, zone).formatToParts(new Date(at));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The instant at which the reader's clock shows that; one that a change of clocks skips counts on from the hour before it. Undefined: no such form. */
export function fromWall(text: string, zone?: string): string | undefined {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return undefined;
  const offset = (at: number): number => Date.parse(`${wall(at, zone)}Z`) - at;
  const before = wanted - offset(wanted - DAY); // by the offset of the day before, which is right up to a change of clocks
  const after = wanted - offset(before);
  return new Date(wall(after, zone) === text ? after : before).toISOString();
}

/** The zone in which times are shown. */
export function zoneShown(): string {
  return readerZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "Europe/Berlin" reads as "Berlin". */
export function city(zone: string): string {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}

/** Whether it is night where this person is: worth a second thought before calling. */
export function isNight(at: number, zone: string): boolean {
  const hour = Number(hourMinute(at, zone).slice(0, 2));
  return hour >= 22 || hour < 7;
}
