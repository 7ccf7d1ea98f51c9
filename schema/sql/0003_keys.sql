-- The keystore, and what the element keeps for itself.

CREATE TABLE key (
    slot INTEGER PRIMARY KEY CHECK (slot BETWEEN 0 AND 63),
    kind INTEGER NOT NULL,       -- enum se_key_kind
    origin INTEGER NOT NULL,     -- enum se_key_origin; 0: no key yet, only its curve is chosen
    exportable INTEGER NOT NULL, -- 1: those with the right may read it back
    created INTEGER NOT NULL,    -- seconds since 1970
    uses INTEGER NOT NULL,       -- operations made with it
    point BLOB,                  -- public key of an elliptic curve, 65 bytes
    secret BLOB                  -- sealed; NULL: the public key alone
) STRICT;

-- Secrets of the element itself, by name (se_card/own.h).
CREATE TABLE own (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL -- sealed
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
