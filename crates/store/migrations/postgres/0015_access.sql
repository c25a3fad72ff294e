-- Who may do what: tokens of the control API and clients with quotas, by the hashes of their secrets.
CREATE TABLE tokens (
    name text COLLATE "C" PRIMARY KEY,
    hash text COLLATE "C" NOT NULL UNIQUE,
    scope text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE clients (
    name text COLLATE "C" PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE,
    old_key text COLLATE "C",
    old_until timestamptz,
    per_second bigint,
    per_day bigint,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz
);

CREATE TABLE client_usage (
    day date NOT NULL,
    client text COLLATE "C" NOT NULL,
    requests bigint NOT NULL,
    refused bigint NOT NULL,
    PRIMARY KEY (day, client)
) WITH (fillfactor = 50);

-- Answers that are given again; what is being answered has no status.
CREATE TABLE replies (
    owner text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint text NOT NULL,
    begun_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    status integer,
    location text,
    content_type text,
    body text,
    PRIMARY KEY (owner, key)
);

-- Runs of the ledger that somebody asked for, until they have ended.
CREATE TABLE run_requests (
    run_id bigint PRIMARY KEY,
    wish text NOT NULL,
    asked_by text NOT NULL,
    holder text,
    until timestamptz,
    attempts bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE run_cancels (
    run_id bigint PRIMARY KEY,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL
);
