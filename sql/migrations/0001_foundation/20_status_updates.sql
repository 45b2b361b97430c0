-- Who is told what is said about an incident, without being called for it.
CREATE TABLE incident_subscribers (
  incident_number BIGINT NOT NULL,
  subscriber_type TEXT NOT NULL, -- user | team: whoever is in it by then
  subscriber_id TEXT NOT NULL,
  subscribed_at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, subscriber_type, subscriber_id)
);
