-- The mailbox: what the element is, who may log in, what each record holds.
--
-- "sealed" columns hold nonce(12), ciphertext, tag(16) of AES-256-GCM under the element's data key;
-- the associated data names table, column and row, so that a sealed value fits in one place only.

CREATE TABLE element (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sen TEXT NOT NULL,
    demo INTEGER NOT NULL,    -- 1: published demonstration keys are in use
    created INTEGER NOT NULL, -- seconds since 1970
    kek TEXT NOT NULL,        -- where the key-encryption key is: "file:PATH"
    data_key BLOB NOT NULL    -- sealed, under the key-encryption key
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: the author of old records stays known
    name TEXT NOT NULL UNIQUE,
    root INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    needs_name INTEGER NOT NULL, -- 1: only sessions that gave the TLS server name
    rights INTEGER NOT NULL,     -- bits of enum se_right
    psk BLOB                     -- sealed; NULL: cannot log in yet
) STRICT;

CREATE TABLE identity (
    identity BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_of_account ON identity (account);

CREATE TABLE record (
    slot INTEGER PRIMARY KEY CHECK (slot BETWEEN 0 AND 255),
    content BLOB NOT NULL,    -- sealed
    author INTEGER NOT NULL,  -- account.id
    changed INTEGER NOT NULL  -- seconds since 1970
) STRICT;

PRAGMA user_version = 1;
