-- The log: one signed entry for each accepted write.

-- Narrow rows, so that many are looked at for little; each has its envelope below.
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    chain INTEGER NOT NULL,  -- record; 256: about the card itself
    n INTEGER NOT NULL,      -- in its chain
    time INTEGER NOT NULL,   -- seconds since 1970
    author INTEGER NOT NULL, -- account.id
    bytes INTEGER NOT NULL   -- of the sealed envelope
) STRICT;

CREATE TABLE envelope (
    seq INTEGER PRIMARY KEY,
    message BLOB NOT NULL -- sealed
) STRICT;

-- Where each chain stands: its last entry may be in the log no more. A record that was cleared keeps
-- its row, with empty content.
ALTER TABLE record ADD COLUMN n INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN hash BLOB NOT NULL -- SHA-256 of the last envelope
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE state ADD COLUMN card_n INTEGER NOT NULL DEFAULT 0; -- the chain about the card
ALTER TABLE state ADD COLUMN card_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN card_hash BLOB NOT NULL
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';

ALTER TABLE once ADD COLUMN seq INTEGER NOT NULL DEFAULT 0; -- of the post's entry

PRAGMA user_version = 5;
