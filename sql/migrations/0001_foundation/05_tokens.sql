-- What programs sign in with.
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE, -- SHA-256, hex
  name TEXT NOT NULL,
  user_id TEXT REFERENCES users (id), -- NULL: account level
  role TEXT,                     -- of an account-level token
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  expires_at BIGINT,
  revoked_at BIGINT
);
