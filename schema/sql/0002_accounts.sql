-- Many guests with exact rights, the audit, and what tells a restored database from the last one.

ALTER TABLE account ADD COLUMN records BLOB NOT NULL -- 32 bytes, bit n % 8 of byte n / 8: record n
    DEFAULT x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF';
ALTER TABLE account ADD COLUMN key_slots BLOB NOT NULL -- the same for keys
    DEFAULT x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF';
ALTER TABLE account ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0; -- 0: at once
ALTER TABLE account ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;    -- 0: never
ALTER TABLE account ADD COLUMN posts_max INTEGER NOT NULL DEFAULT -1; -- -1: no limit
ALTER TABLE account ADD COLUMN posts INTEGER NOT NULL DEFAULT 0;      -- accepted so far
ALTER TABLE account ADD COLUMN quota INTEGER NOT NULL DEFAULT -1;     -- bytes; -1: no limit
ALTER TABLE account ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;      -- posted so far
ALTER TABLE account ADD COLUMN psk_serial INTEGER NOT NULL DEFAULT 1; -- grows when sessions must end
ALTER TABLE account ADD COLUMN next_psk BLOB;                         -- sealed; rotation under way
ALTER TABLE account ADD COLUMN psk_until INTEGER NOT NULL DEFAULT 0;  -- when next_psk takes over

-- Names of accounts that are gone: what they wrote stays theirs.
CREATE TABLE former_account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted INTEGER NOT NULL
) STRICT;

-- Addresses from which an account has logged in: guessing elsewhere does not lock it out here.
CREATE TABLE known_address (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE record_setting (
    slot INTEGER PRIMARY KEY CHECK (slot BETWEEN 0 AND 255),
    ttl INTEGER NOT NULL,  -- seconds an entry is kept in the log; 0: for ever
    keep INTEGER NOT NULL, -- entries kept in the log; 0: all
    most INTEGER NOT NULL  -- bytes of content
) STRICT;

-- hash = SHA-256 over the row before's hash and this row's fields: no row can be changed or left out
-- without breaking the chain.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    result TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- epoch: one more with each start; counter: one more now and then, when something was written. Kept
-- beside the database too: an older copy shows by smaller numbers.
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 0, 0);

PRAGMA user_version = 2;
