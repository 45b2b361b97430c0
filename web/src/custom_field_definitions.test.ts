// Why: what an administrator fills in must become the field that was meant, a change must lose nothing, and what the server says must stand where it belongs.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CustomFieldDefinition } from "./api/types";
import { KINDS, definitionBody, definitionDraft, definitionMistakes, kindOf, nameOf } from "./custom_field_definitions";

const region: CustomFieldDefinition = {
  id: "PREGION", name: "region", display_name: "Region", description: null, data_type: "string", field_type: "single_value_fixed", enabled: true, default_value: "EU",
  field_options: [{ id: "P1", data: { value: "US" } }, { id: "P2", data: { value: "EU" } }],
};

test("every kind is one pair of types, and is found again", () => {
  KINDS.forEach((kind, index) => assert.equal(kindOf(kind), index));
});

test("a new field is sent whole; only incidents have a default", () => {
  const draft = { ...definitionDraft(), display_name: " Region ", name: "region", kind: 1, options: "US\n\n EU \n", fallback: "EU", description: " " };
  const options = [{ data: { data_type: "string", value: "US" } }, { data: { data_type: "string", value: "EU" } }];
  const common = { display_name: "Region", description: null, enabled: true, name: "region", data_type: "string", field_type: "single_value_fixed", field_options: options };
  assert.deepEqual(definitionBody("incident", draft).field, { ...common, default_value: "EU" });
  assert.deepEqual(definitionBody("service", draft).field, common);
  assert.deepEqual(definitionBody("incident", { ...draft, kind: 4, fallback: "7" }).field, { display_name: "Region", description: null, enabled: true, name: "region", data_type: "integer", field_type: "single_value", default_value: 7 });
});

test("a change keeps the ids of the choices that stay, in the new order, and sends no name and no types", () => {
  const draft = { ...definitionDraft(region), options: "EU\nAsia\nUS" };
  const { field } = definitionBody("incident", draft, region);
  assert.deepEqual(field["field_options"], [{ id: "P2", data: { data_type: "string", value: "EU" } }, { data: { data_type: "string", value: "Asia" } }, { id: "P1", data: { data_type: "string", value: "US" } }]);
  assert.deepEqual(Object.keys(field).sort(), ["default_value", "description", "display_name", "enabled", "field_options"]);
  assert.equal(field["default_value"], "EU");
});

test("the name for programs follows the one for people", () => {
  for (const [display, name] of [["Region", "region"], ["Affected  customers (EU)", "affected_customers_eu"], ["Région 2", "region_2"], ["???", ""], ["x".repeat(60), "x".repeat(50)]] as const) assert.equal(nameOf(display), name);
});

test("mistakes stand at their part of the form", () => {
  const draft = { ...definitionDraft(region), options: "US\nUS" };
  const { at, others } = definitionMistakes(["field.display_name has already been taken", "field.field_options[1].data has already been taken", "field.default_value[0] is not one of the field's options", "field would be more than 30", "Only managers may"], draft);
  assert.deepEqual(at("display_name"), ["Has already been taken"]);
  assert.deepEqual(at("field_options"), ['"US" has already been taken']);
  assert.deepEqual(at("default_value"), ["Is not one of the field's options"]);
  assert.deepEqual(others, ["field would be more than 30", "Only managers may"]);
});
