-- Who may do what: tokens of the control API and clients with quotas, by the hashes of their secrets.
CREATE TABLE tokens (
    name TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE TABLE clients (
    name TEXT PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    old_key TEXT,
    old_until INTEGER,
    per_second INTEGER,
    per_day INTEGER,
    created_at INTEGER NOT NULL,
    rotated_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE TABLE client_usage (
    day INTEGER NOT NULL,
    client TEXT NOT NULL,
    requests INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (day, client)
) WITHOUT ROWID;

-- Answers that are given again; what is being answered has no status.
CREATE TABLE replies (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    status INTEGER,
    location TEXT,
    content_type TEXT,
    body TEXT,
    PRIMARY KEY (owner, key)
) WITHOUT ROWID;

-- Runs of the ledger that somebody asked for, until they have ended.
CREATE TABLE run_requests (
    run_id INTEGER PRIMARY KEY,
    wish TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    holder TEXT,
    until INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE run_cancels (
    run_id INTEGER PRIMARY KEY,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL
);
