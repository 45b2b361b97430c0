// Why: what the server answers, as far as the app reads it. The shapes are those of PagerDuty's REST API (wrapped entities,
// references) plus Muster's own below /muster/. Written by hand; to be generated from /openapi.json once that describes them all.

export interface Reference {
  id: string;
  type: string;
  summary: string | null;
}

export type Urgency = "high" | "low";
export type IncidentStatus = "triggered" | "acknowledged" | "resolved";

export interface Priority extends Reference {
  name: string;
  color: string;
}

export interface PendingAction {
  type: "escalate" | "unacknowledge" | "resolve" | "urgency_change" | string;
  at: string;
}

export interface Incident extends Reference {
  incident_number: number;
  title: string;
  status: IncidentStatus;
  urgency: Urgency;
  created_at: string;
  updated_at: string;
  last_status_change_at: string;
  last_status_change_by: Reference | null;
  resolved_at: string | null;
  incident_key: string | null;
  service: Reference;
  escalation_policy: Reference;
  priority: Priority | null;
  teams: Reference[];
  assignments: { at: string; assignee: Reference }[];
  acknowledgements: { at: string; acknowledger: Reference }[];
  pending_actions: PendingAction[];
  alert_counts: { all: number; triggered: number; resolved: number };
  /** People asked for help. */
  incidents_responders: { state: "pending" | "joined" | "declined" | string; user: Reference | null }[];
  /** Only where include[]=custom_fields asked for them. */
  custom_fields: CustomField[];
  /** What PagerDuty's shape has no place for. */
  muster: {
    /** 1-based; 0: the catch-all, or nobody yet. */
    escalation_level: number;
    /** The whole policy passed without an answer. */
    exhausted: boolean;
    /** A maintenance window that holds the calls back. */
    held_by_maintenance_window: string | null;
    snoozed_until: string | null;
  };
}

/** What the organisation wants to know of its incidents and services. */
export interface CustomField {
  id: string;
  display_name: string;
  description: string | null;
  data_type: "boolean" | "integer" | "float" | "string" | "datetime" | "url";
  field_type: "single_value" | "single_value_fixed" | "multi_value" | "multi_value_fixed";
  value: string | number | boolean | string[] | null;
}

/** How it was defined; only fields of incidents have a default. */
export interface CustomFieldDefinition extends Omit<CustomField, "value"> {
  name: string;
  enabled: boolean;
  default_value?: CustomField["value"];
  field_options: { id: string; data: { value: string } }[];
}

/** A link or image that the sender gave along. */
export interface Context {
  type: string;
  href?: string | null;
  src?: string | null;
  text?: string | null;
}

export interface Alert extends Reference {
  status: "triggered" | "resolved";
  severity: string | null;
  suppressed: boolean;
  alert_key: string | null;
  created_at: string;
  updated_at?: string;
  body: { type: string; contexts?: Context[]; details?: unknown; cef_details?: { details?: unknown; source_origin?: string; source_component?: string; [key: string]: unknown } | null } | null;
}

/** Something was deployed or configured: nobody is called for it. */
export interface ChangeEvent {
  id: string;
  summary: string;
  timestamp: string;
  source: string | null;
  services: Reference[];
  links: { href?: string | null; text?: string | null }[];
  images: { src?: string | null; href?: string | null; alt?: string | null }[];
  custom_details: unknown;
}

export interface ChangeEvents {
  change_events: ChangeEvent[];
  more: boolean;
}

/** An incident of the same service with the same key or title; or one of a service below or above. */
export interface RelatedIncident {
  incident: { id: string; title: string; created_at: string; resolved_at: string | null };
  relationships: { metadata: { supporting_services: Reference; dependent_services: Reference } }[];
}

export interface RelatedIncidents {
  related_incidents: RelatedIncident[];
}

export interface PastIncidents {
  past_incidents: Pick<RelatedIncident, "incident">[];
}

export interface User extends Reference {
  name: string;
  email: string;
  role: string;
  time_zone: string;
  job_title: string | null;
  teams: Reference[];
}

export interface Team extends Reference {
  name: string;
  description: string | null;
}

export interface Schedule extends Reference {
  name: string;
  description: string | null;
  time_zone: string;
  escalation_policies: Reference[];
  teams: Reference[];
}

export interface OnCall {
  escalation_policy: Reference;
  escalation_level: number;
  schedule: Reference | null;
  user: Reference & Partial<User>;
  start: string | null;
  end: string | null;
}

export interface EscalationPolicy extends Reference {
  name: string;
  description: string | null;
  num_loops: number;
  services: Reference[];
  teams: Reference[];
  escalation_rules: { id: string; escalation_delay_in_minutes: number; targets: Reference[] }[];
}

export interface Service extends Reference {
  name: string;
  description: string | null;
  status: "active" | "warning" | "critical" | "maintenance" | "disabled";
  escalation_policy: Reference;
  teams: Reference[];
  integrations: (Reference & { name?: string; integration_key?: string | null })[];
}

// Muster's own ---------------------------------------------------------------------------------------------------------

export interface Session {
  user: Reference;
  name: string;
  email: string;
  role: string;
  time_zone: string;
  /** `needed`: nothing else is open until it is set up. */
  second_factor: { enrolled: boolean; required: boolean; needed: boolean; recovery_codes_left: number };
}

/** GET /muster/summary */
export interface Summary {
  now?: string;
  incidents: { triggered: number; acknowledged: number };
  test_clock?: boolean;
  alarms: Alarm[];
}

export interface Alarm {
  kind: string;
  text: string;
  incident: Reference | null;
}

/** GET /muster/incidents/{id}/timeline: oldest first. `text` is a finished line. */
export interface TimelineEntry {
  id: string;
  at: string;
  kind: string;
  text: string;
  note?: string | null;
}

/** One use of a contact method for a page, and its fate. */
export interface Call {
  id: string;
  at: string;
  channel: string;
  state: string;
  error: string | null;
  answer: string | null;
}

export interface Candidate {
  user: Reference | null;
  chosen: boolean;
  reason: string;
  text: string;
  page?: { id: string; calls: Call[] } | null;
}

/** GET /muster/why?incident=: each time somebody was chosen, who came into question and why it was them or not. */
export interface Decision {
  at: string;
  level: number;
  cause: string;
  text?: string | null;
  candidates: Candidate[];
}

/** GET /muster/practice/users: people with a contact method that the practice provider serves. */
export interface PracticeUser {
  id: string;
  name: string;
  time_zone: string;
}

export type PracticeChannel = "sms" | "phone" | "email" | "push";

/** GET /muster/practice/messages: newest first. What a provider would have been given. */
export interface PracticeMessage {
  id: string;
  channel: PracticeChannel;
  kind: string;
  state: string;
  address: string;
  sent_at: string;
  /** As the person would read or hear it. */
  text?: string | null;
  user: Reference | null;
  /** What a page can be answered with; empty for other kinds. */
  answers: { action: string; digits: string; text: string }[];
  content: {
    subject?: string;
    lines?: string[];
    details?: string;
    why?: string;
    incidents?: { number: number; id: string; title: string; service: string; urgency: string }[];
    [key: string]: unknown;
  };
  incident: Reference | null;
  answer: string | null;
  answered_at: string | null;
}

/** POST /muster/practice/messages/{id}/answer */
export interface PracticeAnswer {
  outcome: "done" | "no_change" | "unclear" | "refused";
  /** What the person would be told; may be empty. */
  reply: string | null;
}
