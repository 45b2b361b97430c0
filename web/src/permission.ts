// Why: what somebody may not do is not offered to them. The server decides; this only keeps doors that stay shut out of sight.
import type { Session } from "./api/types";

/** Change how the installation is set up (docs/permissions.md: a manager's role is "user"). */
export function mayManage({ role }: Session): boolean {
  return ["owner", "admin", "user"].includes(role);
}
