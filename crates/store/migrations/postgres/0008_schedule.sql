-- Who leads, and how each entry stands; see domain::schedule::{Leader, EntryState}.
CREATE TABLE schedule_leader (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    leader jsonb NOT NULL
) WITH (fillfactor = 10);
INSERT INTO schedule_leader VALUES (1, 'null');

CREATE TABLE schedule_entries (
    name text COLLATE "C" PRIMARY KEY,
    state jsonb NOT NULL
) WITH (fillfactor = 50);

-- What was started, the last of each entry; what runs has no end.
CREATE TABLE schedule_starts (
    name text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    slot timestamptz NOT NULL,
    cause text NOT NULL,
    attempt bigint NOT NULL,
    started_at timestamptz NOT NULL,
    started_by text NOT NULL,
    ended_at timestamptz,
    outcome text,
    error text,
    PRIMARY KEY (name, number)
);

CREATE INDEX schedule_starts_slot ON schedule_starts (name, slot);
CREATE INDEX schedule_starts_at ON schedule_starts (started_at);
