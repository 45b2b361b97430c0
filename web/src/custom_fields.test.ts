// Why: what a person typed must arrive as the type the field has, and what the server says of it must stand at that field.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomField } from "./api/types";
import { changesOf, draftOf, mistakesOf, valueOf } from "./custom_fields";
import { setReaderZone } from "./time";

function field(data_type: CustomField["data_type"], value: CustomField["value"] = null, field_type: CustomField["field_type"] = "single_value"): CustomField {
  return { id: `P${data_type}${field_type}`, display_name: data_type, description: null, data_type, field_type, value };
}

test("what is typed becomes the type of the field", () => {
  setReaderZone("Europe/Berlin");
  const cases: [CustomField, string, CustomField["value"]][] = [
    [field("string"), " EU ", "EU"], [field("string"), "  ", null], [field("integer"), "7", 7], [field("integer"), "-1.5", -1.5], [field("float"), "0.25", 0.25],
    [field("boolean"), "false", false], [field("boolean"), "true", true], [field("boolean"), "", null], [field("url"), "https://a.example", "https://a.example"],
    [field("datetime"), "2026-02-09T04:00", "2026-02-09T03:00:00.000Z"], [field("string", null, "multi_value"), "web\n\n pay \n", ["web", "pay"]],
    [field("string", null, "multi_value"), "\n", null],
  ];
  for (const [of, draft, value] of cases) assert.deepEqual(valueOf(of, draft), value);
  assert.deepEqual(valueOf(field("string", null, "multi_value_fixed"), ["a", "b"]), ["a", "b"]);
  assert.equal(valueOf(field("string", null, "multi_value_fixed"), []), null);
});

test("what is no number is sent as it was typed: the server says what is wrong", () => {
  for (const text of ["many", "1,5", "1e999", "9007199254740993"]) assert.equal(valueOf(field("integer"), text), text);
});

test("a field that nobody touched is not sent, even when the form shows less of it", () => {
  const since = field("datetime", "2026-02-09T03:00:42Z");
  const fields = [since, field("integer", 7), field("string", ["a"], "multi_value")];
  assert.deepEqual(changesOf(fields, new Map(fields.map((one) => [one.id, draftOf(one)]))), []);
  assert.deepEqual(changesOf(fields, new Map()), []);
  assert.deepEqual(changesOf(fields, new Map([["Pintegersingle_value", ""]])), [{ id: "Pintegersingle_value", value: null }]);
});

test("each mistake stands at its field", () => {
  const sent = [{ id: "PA", value: "many" }, { id: "PB", value: ["a", "a"] }];
  const { at, others } = mistakesOf(["custom_fields[0].value must be a whole number", "custom_fields[1].value[1] is there twice", "something else"], sent);
  assert.deepEqual([...at], [["PA", ["Must be a whole number"]], ["PB", [`"a" is there twice`]]]);
  assert.deepEqual(others, ["something else"]);
  assert.deepEqual(mistakesOf(["custom_fields[2].value is wrong"], sent).others, ["custom_fields[2].value is wrong"]);
});
