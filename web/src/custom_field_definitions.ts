// Why: whoever defines a field thinks of "one of several choices" and of a list of them; the API takes two types and options with ids.
import type { CustomField, CustomFieldDefinition } from "./api/types";
import { draftOf, saidOf, valueOf, type Draft } from "./custom_fields";

export type FieldOwner = "incident" | "service";

/** Where the API keeps the definitions. */
export const DEFINITIONS: Record<FieldOwner, string> = { incident: "incidents/types/incident_default/custom_fields", service: "services/custom_fields" };

interface Kind { name: string; data_type: CustomField["data_type"]; field_type: CustomField["field_type"] }

export const KINDS: readonly Kind[] = [
  { name: "Text", data_type: "string", field_type: "single_value" },
  { name: "One of several choices", data_type: "string", field_type: "single_value_fixed" },
  { name: "Several choices", data_type: "string", field_type: "multi_value_fixed" },
  { name: "Several texts", data_type: "string", field_type: "multi_value" },
  { name: "Whole number", data_type: "integer", field_type: "single_value" },
  { name: "Number", data_type: "float", field_type: "single_value" },
  { name: "Yes or no", data_type: "boolean", field_type: "single_value" },
  { name: "Time", data_type: "datetime", field_type: "single_value" },
  { name: "Web address", data_type: "url", field_type: "single_value" },
];

/** What the form holds. */
export interface DefinitionDraft {
  display_name: string;
  name: string;
  /** Of KINDS. */
  kind: number;
  /** One on each line. */
  options: string;
  fallback: Draft;
  description: string;
  enabled: boolean;
}

export function kindOf({ data_type, field_type }: Pick<CustomField, "data_type" | "field_type">): number {
  return KINDS.findIndex((kind) => kind.data_type === data_type && kind.field_type === field_type);
}

export function hasOptions({ kind }: DefinitionDraft): boolean {
  return KINDS[kind]?.field_type.endsWith("_fixed") === true;
}

/** The default is typed in as a value of the field is. */
export function defaultField({ kind }: DefinitionDraft): CustomField {
  const { data_type, field_type } = KINDS[kind] ?? { data_type: "string", field_type: "single_value" };
  return { id: "default", display_name: "Default", description: "Incidents opened from then on begin with it.", data_type, field_type, value: null };
}

export function definitionDraft(of?: CustomFieldDefinition): DefinitionDraft {
  if (!of) return { display_name: "", name: "", kind: 0, options: "", fallback: "", description: "", enabled: true };
  return {
    display_name: of.display_name, name: of.name, kind: kindOf(of), options: of.field_options.map((option) => option.data.value).join("\n"),
    fallback: draftOf({ ...of, value: of.default_value ?? null }), description: of.description ?? "", enabled: of.enabled,
  };
}

/** The name that programs use, made from the one that people read: "Région 2" -> "region_2". */
export function nameOf(display: string): string {
  const plain = Array.from(display.normalize("NFKD").toLowerCase(), (c) => ((c >= "a" && c <= "z") || (c >= "0" && c <= "9") ? c : c >= "\u0300" && c <= "\u036f" ? "" : " ")).join("");
  return plain.split(" ").filter((word) => word !== "").join("_").slice(0, 50);
}

export function optionsOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** What is sent. A choice that stays keeps its id; its name and types a field keeps for ever. */
export function definitionBody(of: FieldOwner, draft: DefinitionDraft, before?: CustomFieldDefinition): { field: Record<string, unknown> } {
  const { display_name, name, description, enabled, fallback } = draft;
  const field = defaultField(draft);
  const options = optionsOf(draft.options).map((value) => {
    const there = before?.field_options.find((option) => option.data.value === value);
    return { ...(there ? { id: there.id } : {}), data: { data_type: "string", value } };
  });
  return {
    field: {
      display_name: display_name.trim(), description: description.trim() || null, enabled,
      ...(before ? {} : { name: name.trim(), data_type: field.data_type, field_type: field.field_type }),
      ...(hasOptions(draft) ? { field_options: options } : {}),
      ...(of === "incident" ? { default_value: valueOf(field, fallback) } : {}),
    },
  };
}

/** The server's lines, "field.display_name has already been taken", by the part of the form they are about; `others` are about none. */
export function definitionMistakes(lines: readonly string[], draft: DefinitionDraft): { at: (part: string) => string[]; others: string[] } {
  const options = optionsOf(draft.options);
  const placed = lines.map((line) => {
    const place = line.startsWith("field.") ? line.slice("field.".length, line.indexOf(" ")) : "";
    const part = place.split(".")[0]?.split("[")[0] ?? "";
    const item = part === "field_options" && place.includes("[") ? options[Number(place.slice(place.indexOf("[") + 1, place.indexOf("]")))] : undefined;
    return { part, said: saidOf(line, item), line };
  });
  const known = ["display_name", "name", "field_options", "default_value", "description"];
  return { at: (part) => placed.filter((one) => one.part === part).map((one) => one.said), others: placed.filter((one) => !known.includes(one.part)).map((one) => one.line) };
}
