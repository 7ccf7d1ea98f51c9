-- What a record holds has a type, and a post may be repeated.

ALTER TABLE record ADD COLUMN type TEXT NOT NULL DEFAULT ''; -- a media type; '': not told

-- Posts that carried a number used once: the same again is the same post. n counts those of an
-- account; the oldest are forgotten.
CREATE TABLE once (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    once BLOB NOT NULL,
    digest BLOB NOT NULL,     -- sealed: of what was posted
    changed INTEGER NOT NULL, -- seconds since 1970: what was answered
    PRIMARY KEY (account, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX once_of_account ON once (account, once);

PRAGMA user_version = 4;
