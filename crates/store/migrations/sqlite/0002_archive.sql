-- The query part of what was asked of TMDB: long, and few different ones.
CREATE TABLE queries (
    query_id INTEGER PRIMARY KEY,
    query TEXT NOT NULL UNIQUE
);

CREATE TABLE versions (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    version INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    schema_version INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL,
    has_dictionary INTEGER NOT NULL,
    body_id INTEGER NOT NULL,
    query_id INTEGER,
    -- Null when it is the key's own path.
    asked_path TEXT,
    PRIMARY KEY (kind, id, season, episode, version)
) WITHOUT ROWID;

CREATE TABLE bodies (
    body_id INTEGER PRIMARY KEY,
    stored BLOB NOT NULL
);

-- Keys that TMDB answered 404 for.
CREATE TABLE suspects (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;

CREATE TABLE dictionaries (
    dictionary_id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    dictionary BLOB NOT NULL
);
