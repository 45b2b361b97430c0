// Why: whoever is called now must find the reason first, also after others were asked for help.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "../api/types";
import { split } from "./why";

const decision = (at: string, cause: string): Decision => ({ at, cause, level: 1, candidates: [] });

test("the decision in force comes with the requests made since, everything before is older", () => {
  const list = [decision("1", "trigger"), decision("2", "responder"), decision("3", "timeout"), decision("4", "responder")];
  const [current, older] = split(list);
  assert.deepEqual(current.map((one) => one.at), ["3", "4"]);
  assert.deepEqual(older.map((one) => one.at), ["1", "2"]);
  assert.deepEqual(split([]), [[], []]);
  assert.equal(split([decision("1", "responder")])[0].length, 1);
});
