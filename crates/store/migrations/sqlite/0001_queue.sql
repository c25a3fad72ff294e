-- Season and episode are -1 where a key has none.

CREATE TABLE tasks (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    -- When it may be leased: the end of its lease or of its wait; null when that is past.
    wakes_at INTEGER,
    -- The lease that may end it; null when it was never leased or was given back.
    token INTEGER,
    -- Failed attempts so far.
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    run INTEGER,
    source TEXT NOT NULL,
    leased_by TEXT,
    last_error TEXT,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;

-- The last column is always null; with it the index answers alone.
CREATE INDEX tasks_ready ON tasks (priority, kind, id, season, episode, wakes_at)
    WHERE wakes_at IS NULL;
CREATE INDEX tasks_waiting ON tasks (wakes_at) WHERE wakes_at IS NOT NULL;
CREATE INDEX tasks_added ON tasks (added_at);

CREATE TABLE lease_tokens (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    last INTEGER NOT NULL
);
INSERT INTO lease_tokens VALUES (1, 0);

CREATE TABLE dead_letters (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    class TEXT NOT NULL,
    error TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    run INTEGER,
    source TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;

CREATE INDEX dead_letters_died ON dead_letters (died_at);
