// Why: a change that is misread would leave an old picture on the screen that looks new.
import assert from "node:assert/strict";
import { test } from "node:test";
import { about, readChange, setUp } from "./live";

test("a change is read as sent, and as everything where it cannot be read", () => {
  assert.deepEqual(readChange('{"seq":7,"incident":"Q1","kind":"incident"}'), { kind: "incident", incident: "Q1" });
  assert.deepEqual(readChange('{"seq":7,"incident":null,"kind":"message"}'), { kind: "message", incident: null });
  for (const broken of ["", "{", "[]", '{"kind":7}']) assert.equal(readChange(broken).kind, "reload");
});

test("a view hears of what concerns it", () => {
  const concerns = about("Q1");
  assert.equal(concerns({ kind: "incident", incident: "Q1" }), true);
  assert.equal(concerns({ kind: "incident", incident: "Q2" }), false);
  assert.equal(concerns({ kind: "message", incident: null }), true);
  assert.equal(setUp({ kind: "incident", incident: "Q1" }), false);
  assert.equal(setUp({ kind: "configuration", incident: null }), true);
});
