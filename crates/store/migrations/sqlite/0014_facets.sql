-- What titles are found by. Made from the archive; `cinemirror rebuild` makes it again.

CREATE TABLE facets (
    work_id INTEGER PRIMARY KEY,
    -- All names in all languages, a line each; what `work_names` is made of.
    names TEXT NOT NULL,
    -- Packed, see `projection::facets`.
    traits BLOB NOT NULL,
    last_refreshed_at INTEGER NOT NULL
);

CREATE INDEX facets_refreshed ON facets (last_refreshed_at, work_id);

CREATE VIRTUAL TABLE work_names USING fts5 (
    names,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE VIRTUAL TABLE person_names USING fts5 (
    names,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);

-- Of collections, companies, networks and keywords; a row's number is id * 16 + kind.
CREATE VIRTUAL TABLE thing_names USING fts5 (
    names,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO person_names (rowid, names)
    SELECT person_id, name || ' ' || also_known_as FROM people;
INSERT INTO thing_names (rowid, names)
    SELECT id * 16 + kind, name FROM things WHERE kind IN (6, 7, 8, 9) AND name IS NOT NULL;

-- Ids at other places; the numbers of sources are those of `ExternalSource`.
CREATE TABLE external_ids (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    source INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    PRIMARY KEY (kind, id, season, episode, source)
) WITHOUT ROWID;

CREATE INDEX external_ids_value ON external_ids (external_id, source);
