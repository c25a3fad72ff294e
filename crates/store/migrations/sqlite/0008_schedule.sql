-- Who leads, and how each entry stands, as JSON; see domain::schedule::{Leader, EntryState}.
CREATE TABLE schedule_leader (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    leader TEXT NOT NULL
);

CREATE TABLE schedule_entries (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) WITHOUT ROWID;

-- What was started, the last of each entry; what runs has no end.
CREATE TABLE schedule_starts (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    cause TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    error TEXT,
    PRIMARY KEY (name, number)
) WITHOUT ROWID;

CREATE INDEX schedule_starts_slot ON schedule_starts (name, slot);
CREATE INDEX schedule_starts_at ON schedule_starts (started_at);
