// Why: a form holds text and ticks, the API takes types. What cannot be read as its type is sent as it was typed: the server knows the rules and says
// which one it breaks.
import type { CustomField } from "./api/types";
import { fromWall, wall } from "./time";

/** What a control holds: text, or what is ticked. */
export type Draft = string | readonly string[];
export interface FieldChange { id: string; value: CustomField["value"] }

export function draftOf({ value, data_type, field_type }: CustomField): Draft {
  const list = Array.isArray(value) ? value : [];
  if (field_type === "multi_value_fixed") return list;
  if (field_type === "multi_value") return list.join("\n");
  if (value === null) return "";
  return data_type === "datetime" ? wall(String(value)) : String(value);
}

function numberOf(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text;
}

export function valueOf({ data_type, field_type }: CustomField, draft: Draft): CustomField["value"] {
  if (field_type.startsWith("multi_value")) {
    const list = (typeof draft === "string" ? draft.split("\n") : draft).map((one) => one.trim()).filter((one) => one !== "");
    return list.length > 0 ? list : null;
  }
  const text = String(draft).trim();
  if (text === "") return null;
  if (data_type === "boolean") return text === "true";
  if (data_type === "integer" || data_type === "float") return numberOf(text);
  return data_type === "datetime" ? (fromWall(text) ?? text) : text;
}

/** What differs from when the form was opened. */
export function changesOf(fields: readonly CustomField[], drafts: ReadonlyMap<string, Draft>): FieldChange[] {
  return fields.flatMap((field) => {
    const value = valueOf(field, drafts.get(field.id) ?? draftOf(field));
    return JSON.stringify(value) === JSON.stringify(valueOf(field, draftOf(field))) ? [] : [{ id: field.id, value }];
  });
}

/** What a line says behind its place, as a sentence without its end; of one among several, which one it is about. */
export function saidOf(line: string, item?: string): string {
  const said = line.slice(line.indexOf(" ") + 1);
  return item === undefined ? said.charAt(0).toUpperCase() + said.slice(1) : `"${item}" ${said}`;
}

/** The server's lines, "custom_fields[0].value must be a whole number", given to the fields they are about; `others` are about none of them. */
export function mistakesOf(lines: readonly string[], sent: readonly FieldChange[]): { at: Map<string, string[]>; others: string[] } {
  const at = new Map<string, string[]>();
  const others = lines.filter((line) => {
    const index = sent.findIndex((_, position) => line.startsWith(`custom_fields[${position}].`));
    const change = sent[index];
    if (!change) return true;
    const place = line.slice(line.indexOf(".") + 1, line.indexOf(" "));
    const item = Array.isArray(change.value) && place.startsWith("value[") ? change.value[Number(place.slice(6, -1))] : undefined;
    at.set(change.id, [...(at.get(change.id) ?? []), saidOf(line, item)]);
    return false;
  });
  return { at, others };
}
