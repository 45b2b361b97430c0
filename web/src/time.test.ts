// Why: ages, countdowns and clocks are read half asleep; a wrong zone or a zero shown early would mislead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { age, beside, city, clock, countdown, duration, fromWall, isNight, moment, setReaderZone, shortMoment, wall } from "./time";

test("an age is read without arithmetic", () => {
  const cases: [number, string][] = [
    [-5_000, "0 s"], [0, "0 s"], [59_999, "59 s"], [60_000, "1 min"], [3_599_000, "59 min"],
    [3_600_000, "1 h 00 min"], [11_100_000, "3 h 05 min"], [86_400_000, "1 d 0 h"], [187_200_000, "2 d 4 h"],
  ];
  for (const [ms, text] of cases) assert.equal(age(ms), text);
});

test("a change is told by how long before or after it was", () => {
  assert.equal(beside("2026-03-29T00:48:00Z", "2026-03-29T01:00:00Z"), "12 min before");
  assert.equal(beside("2026-03-29T03:00:04+02:00", "2026-03-29T01:00:00Z"), "4 s after");
  assert.equal(beside("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"), "0 s before");
});

test("a countdown never shows zero early", () => {
  assert.equal(countdown(1), "0:01");
  assert.equal(countdown(0), "0:00");
  assert.equal(countdown(-9), "0:00");
  assert.equal(countdown(299_001), "5:00");
  assert.equal(countdown(3_723_000), "1:02:03");
});

test("durations read as in a sentence", () => {
  const cases: [number, string][] = [[0, "0 s"], [45, "45 s"], [60, "1 minute"], [90, "1 min 30 s"], [300, "5 minutes"], [3600, "1 hour"], [5400, "1 h 30 min"], [86400, "1 day"], [172800, "2 days"]];
  for (const [seconds, text] of cases) assert.equal(duration(seconds), text);
});

test("instants are shown on the reader's clock, also on both sides of a clock change", () => {
  setReaderZone("Europe/Berlin");
  assert.equal(clock("2026-03-29T00:59:59Z"), "01:59:59");
  assert.equal(clock("2026-03-29T01:00:00Z"), "03:00:00");
  assert.equal(clock("2026-02-10T02:05:00Z"), "03:05:00");
  assert.equal(clock("2026-02-10T02:05:00Z", "America/New_York"), "21:05:00");
});

test("another day carries its date, in the reader's zone", () => {
  setReaderZone("Europe/Berlin");
  const now = Date.parse("2026-02-10T23:30:00Z"); // already the 11th in Berlin
  assert.equal(moment("2026-02-10T23:10:00Z", now), "00:10:00");
  assert.equal(moment("2026-02-10T02:05:00Z", now), "Tue 10 Feb, 03:05");
  assert.equal(shortMoment("2026-02-10T23:10:00Z", now), "00:10");
  assert.equal(shortMoment("2026-02-10T02:05:00Z", now), "Tue 10 Feb, 03:05");
});

test("an unknown zone falls back instead of failing", () => {
  setReaderZone("Mars/Olympus");
  assert.match(clock("2026-02-10T02:05:00Z"), /^\d\d:\d\d:\d\d$/);
  assert.match(clock("2026-02-10T02:05:00Z", "Nowhere/At_All"), /^\d\d:\d\d:\d\d$/);
});

test("night is judged where the person is", () => {
  const at = Date.parse("2026-02-10T02:05:00Z");
  assert.equal(isNight(at, "Europe/Berlin"), true);
  assert.equal(isNight(at, "Asia/Tokyo"), false);
  assert.equal(city("America/Argentina/Buenos_Aires"), "Buenos Aires");
});

test("what a form's field holds is the reader's clock, also on both sides of a clock change", () => {
  setReaderZone("Europe/Berlin");
  assert.equal(wall("2026-02-09T23:30:42Z"), "2026-02-10T00:30");
  const cases: [string, string][] = [
    ["2026-02-10T00:30", "2026-02-09T23:30:00.000Z"], ["2026-03-29T01:59", "2026-03-29T00:59:00.000Z"], ["2026-03-29T03:00", "2026-03-29T01:00:00.000Z"],
    ["2026-03-29T02:30", "2026-03-29T01:30:00.000Z"], ["2026-10-25T01:59", "2026-10-24T23:59:00.000Z"], ["2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
  ];
  for (const [text, instant] of cases) assert.equal(fromWall(text), instant);
  assert.equal(fromWall("2026-02-10T00:30", "America/New_York"), "2026-02-10T05:30:00.000Z");
  assert.equal(fromWall("soon"), undefined);
});
