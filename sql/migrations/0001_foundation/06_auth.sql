-- Who is asking: sessions, and what proves a person.

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  proven_by TEXT NOT NULL,       -- password | code: a second factor as well | provider: an account elsewhere
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- What proves a person beside the password (base/totp.h). Secrets are sealed (base/seal.h).
CREATE TABLE second_factors (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  secret TEXT,                   -- NULL: none is in force yet
  confirmed_at BIGINT,
  offered_secret TEXT,           -- shown, and not proven by a code yet
  offered_at BIGINT,             -- NULL: nothing is
  last_step BIGINT NOT NULL DEFAULT 0 -- no code of this step or an earlier one is taken again
);

-- Accounts at providers of OpenID Connect by which people sign in.
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,         -- the provider's name for the account, never given to another one
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_user ON identities (user_id, issuer);

-- For whoever lost the device; each is taken once.
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (id),
  code_hash TEXT NOT NULL,       -- SHA-256, hex
  used_at BIGINT,
  PRIMARY KEY (user_id, code_hash)
);
