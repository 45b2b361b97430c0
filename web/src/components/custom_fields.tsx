// Why: what the organisation wants to know of an incident beyond what every incident has. Fields without a value are left out: at 3 a.m. an empty
// form is noise.
import type { JSX } from "preact";
import type { CustomField } from "../api/types";
import { safeLink } from "./alerts";
import { Moment } from "./ui";

function Value({ field }: { field: CustomField }): JSX.Element {
  const { value, data_type } = field;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (Array.isArray(value)) return <>{value.join(", ")}</>;
  if (typeof value === "string" && data_type === "datetime") return <Moment at={value} />;
  const href = typeof value === "string" && data_type === "url" ? safeLink(value) : undefined;
  return href ? <a href={href} target="_blank" rel="noopener noreferrer">{href}</a> : <>{String(value)}</>;
}

export function CustomFields({ fields }: { fields: CustomField[] }): JSX.Element | null {
  const filled = fields.filter((field) => field.value !== null && (!Array.isArray(field.value) || field.value.length > 0));
  if (filled.length === 0) return null;
  return (
    <section class="panel" aria-label="Custom fields">
      <h2>About this incident</h2>
      <dl class="details">
        {filled.map((field) => (
          <div key={field.id}><dt title={field.description ?? undefined}>{field.display_name}</dt><dd><Value field={field} /></dd></div>
        ))}
      </dl>
    </section>
  );
}
