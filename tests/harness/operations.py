"""Why: what the tests must know of an operation and its description does not say."""
# Sent as POST because they are long; they change nothing.
QUESTIONS = {("POST", "/analytics/metrics/incidents/all"), ("POST", "/analytics/raw/incidents")}
