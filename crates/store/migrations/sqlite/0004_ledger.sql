CREATE TABLE pipeline_runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    trigger TEXT NOT NULL,
    sources TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    ended_at INTEGER,
    checked INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    ingested INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    ingested_titles TEXT NOT NULL DEFAULT '[]',
    failed_titles TEXT NOT NULL DEFAULT '[]',
    error TEXT
);

CREATE TABLE api_calls (
    call_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    path TEXT NOT NULL,
    query_id INTEGER,
    status INTEGER,
    outcome TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    run INTEGER
);

CREATE INDEX api_calls_at ON api_calls (at);

CREATE TABLE cursors (
    source TEXT PRIMARY KEY,
    position TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE schema_drift (
    kind INTEGER NOT NULL,
    path TEXT NOT NULL,
    found TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (kind, path, found)
) WITHOUT ROWID;
