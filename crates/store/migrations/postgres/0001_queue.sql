-- Season and episode are -1 where a key has none.

-- Each task is written two or three times and then deleted. What is dead must go soon: a lease
-- reads the head of tasks_ready, where all of it lies.
CREATE TABLE tasks (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    priority bigint NOT NULL,
    -- When it may be leased: the end of its lease or of its wait; null when that is past.
    wakes_at timestamptz,
    -- The lease that may end it; null when it was never leased or was given back.
    token bigint,
    -- Failed attempts so far.
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    added_at timestamptz NOT NULL,
    run bigint,
    source text NOT NULL,
    leased_by text,
    last_error text,
    PRIMARY KEY (kind, id, season, episode)
) WITH (
    fillfactor = 80,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.1,
    autovacuum_analyze_threshold = 10000,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX tasks_ready ON tasks (priority, kind, id, season, episode) WHERE wakes_at IS NULL;
CREATE INDEX tasks_waiting ON tasks (wakes_at) WHERE wakes_at IS NOT NULL;
CREATE INDEX tasks_added ON tasks (added_at);
CREATE INDEX tasks_failed ON tasks (added_at) WHERE last_error IS NOT NULL;

CREATE SEQUENCE lease_tokens;

CREATE TABLE dead_letters (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    priority bigint NOT NULL,
    class text NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    added_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL,
    run bigint,
    source text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
);

CREATE INDEX dead_letters_died ON dead_letters (died_at DESC, kind, id, season, episode);
