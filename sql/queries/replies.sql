-- What people answer to our messages, and the key that signs the links in mails.

-- name: signing_key
SELECT value FROM installation WHERE name = 'signing_key'

-- name: signing_key_make
INSERT INTO installation (name, value) VALUES ('signing_key', :value) ON CONFLICT (name) DO NOTHING
