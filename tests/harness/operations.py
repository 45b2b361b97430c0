"""Why: what the tests must know of an operation and its description does not say."""
# Sent as POST because they are long; they change nothing.
METRICS = ("all", "services", "services/all", "teams", "teams/all", "escalation_policies", "escalation_policies/all")
QUESTIONS = {("POST", "/analytics/raw/incidents"), *(("POST", "/analytics/metrics/incidents/" + what) for what in METRICS)}
