-- Who is told what is said about an incident, without being called for it; of a business service: about the incidents of the services that it rests on.
CREATE TABLE subscribers (
  subscribable_type TEXT NOT NULL, -- incident | business_service
  subscribable_id TEXT NOT NULL, -- an incident's number
  subscriber_type TEXT NOT NULL, -- user | team: whoever is in it by then
  subscriber_id TEXT NOT NULL,
  subscribed_at BIGINT NOT NULL,
  PRIMARY KEY (subscribable_type, subscribable_id, subscriber_type, subscriber_id)
);
