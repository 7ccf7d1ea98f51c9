-- Readers of the log that must not miss anything: what one has not acknowledged stays.

CREATE TABLE consumer (
    name TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,  -- acknowledged: this entry, and all before it
    moved INTEGER NOT NULL -- seconds since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX consumer_of_account ON consumer (account);

PRAGMA user_version = 6;
