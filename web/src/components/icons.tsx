// Why: a few line drawings, inline so that nothing is fetched; always beside a word or with a hidden one.
import type { JSX } from "preact";

const paths = {
  incidents: "M12 3 2.6 19.5a1 1 0 0 0 .9 1.5h17a1 1 0 0 0 .9-1.5L12 3ZM12 10v4.5M12 17.6v.1",
  oncall: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.2l3.4 2",
  practice: "M8 2.8h8a1.6 1.6 0 0 1 1.6 1.6v15.2a1.6 1.6 0 0 1-1.6 1.6H8a1.6 1.6 0 0 1-1.6-1.6V4.4A1.6 1.6 0 0 1 8 2.8ZM10.8 18.2h2.4",
  call: "M6.5 3.5h3l1.6 4.2-2 1.5a12 12 0 0 0 5.7 5.7l1.5-2 4.2 1.6v3a2 2 0 0 1-2.2 2A16.6 16.6 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2Z",
  mail: "M3.5 6h17v12.5h-17zM3.5 6.8 12 13l8.5-6.2",
  sms: "M4 4.5h16a1 1 0 0 1 1 1V16a1 1 0 0 1-1 1h-8.5L7 20.8V17H4a1 1 0 0 1-1-1V5.500a1 1 0 0 1 1-1Z",
  push: "M6 16.500V10.500a6 6 0 1 1 12 0v6l1.600 2H4.400ZM10.200 20.800h3.600",
  back: "M14.5 5 7.500 12l7 7",
  check: "m4.500 12.500 5 5 10-11",
  up: "M12 20V5M5.500 11 12 4.500 18.500 11",
  person: "M12 12a4.200 4.200 0 1 0 0-8.400 4.200 4.200 0 0 0 0 8.400ZM4 20.500c.8-4 4-5.700 8-5.700s7.200 1.700 8 5.700",
  note: "M5 4h14v16H5zM8.500 9h7M8.500 13h7M8.500 17h4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.200l3.400 2",
  lock: "M6 10.500h12v9.500H6ZM8.500 10.500V7.500a3.500 3.500 0 0 1 7 0v3M12 14.500v2",
  out: "M10 4H4.500v16H10M15 7.500 19.500 12 15 16.500M19 12H9.500",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Logo({ size = 26 }: { size?: number }): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M7 23V10l9 8 9-8v13" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round" />
      <circle cx="16" cy="7.5" r="2.4" fill="#ffd43b" />
    </svg>
  );
}
