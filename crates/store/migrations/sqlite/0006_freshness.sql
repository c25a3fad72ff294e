-- What is known of keys without their bodies, patches, figures through time, proofs of deletion.

-- Of a version whose body is a patch on that of the next one.
ALTER TABLE versions ADD COLUMN patched INTEGER NOT NULL DEFAULT 0;
-- What the body was packed with; null without, 0 where that was not written down.
ALTER TABLE versions ADD COLUMN dictionary_id INTEGER;
UPDATE versions SET dictionary_id = 0 WHERE has_dictionary;
ALTER TABLE versions DROP COLUMN has_dictionary;

-- Numbers are never used again, so that a dropped dictionary is not taken for a new one.
CREATE TABLE numbered_dictionaries (
    dictionary_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    -- Whether it is only read with, until no body needs it.
    retired INTEGER NOT NULL DEFAULT 0,
    dictionary BLOB NOT NULL
);
INSERT INTO numbered_dictionaries (dictionary_id, kind, added_at, dictionary)
    SELECT dictionary_id, kind, added_at, dictionary FROM dictionaries ORDER BY dictionary_id;
DROP TABLE dictionaries;
ALTER TABLE numbered_dictionaries RENAME TO dictionaries;

-- The newest version of each key, and its outline. Days count from 1970.
CREATE TABLE heads (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    version INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    released INTEGER,
    airs INTEGER,
    is_open INTEGER NOT NULL,
    -- As last known, from a record or an export.
    popularity REAL,
    vote_average REAL,
    vote_count INTEGER,
    hash BLOB NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;

INSERT INTO heads
    SELECT kind, id, season, episode, version, fetched_at, v.schema_version,
           CAST(julianday(release_date) - 2440587.5 AS INTEGER),
           CAST(julianday(next_air_date) - 2440587.5 AS INTEGER),
           CASE kind
               WHEN 1 THEN status IS NOT NULL AND status NOT IN ('Released', 'Canceled')
               WHEN 2 THEN status IS NOT NULL AND status NOT IN ('Ended', 'Canceled')
               ELSE 0
           END,
           coalesce(w.popularity, p.popularity), vote_average, vote_count, hash
    FROM (
        SELECT kind, id, season, episode, version, fetched_at, schema_version, hash FROM versions v
        WHERE NOT EXISTS (
            SELECT 1 FROM versions newer
            WHERE newer.kind = v.kind AND newer.id = v.id AND newer.season = v.season
              AND newer.episode = v.episode AND newer.version > v.version)
    ) v
    LEFT JOIN (SELECT work_id, release_date, popularity, vote_average, vote_count FROM works) w
        ON w.work_id = CASE v.kind WHEN 1 THEN v.id WHEN 2 THEN -v.id END
    LEFT JOIN (SELECT work_id AS meta_id, status, next_air_date FROM works_meta)
        ON meta_id = w.work_id
    LEFT JOIN (SELECT person_id, popularity FROM people) p ON v.kind = 5 AND p.person_id = v.id
    ORDER BY kind, id, season, episode;

-- The points of a day, of a block of neighbouring ids, as bytes: see archive/series/block.rs.
CREATE TABLE series (
    day INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    block INTEGER NOT NULL,
    points BLOB NOT NULL,
    PRIMARY KEY (day, kind, block)
) WITHOUT ROWID;

CREATE TABLE evidence (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    -- The first 404, and the last.
    not_found_at INTEGER,
    missed_at INTEGER,
    -- What lacked it first, and that thing's date as YYYY-MM-DD.
    unlisted_by TEXT,
    unlisted_on TEXT,
    unlisted_noted INTEGER,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;
INSERT INTO evidence (kind, id, season, episode, not_found_at, missed_at)
    SELECT kind, id, season, episode, since, since FROM suspects;
DROP TABLE suspects;

CREATE TABLE tombstones (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    since INTEGER NOT NULL,
    not_found_at INTEGER,
    unlisted_by TEXT,
    unlisted_on TEXT,
    unlisted_noted INTEGER,
    -- A key, as in `movie/550`.
    successor TEXT,
    confidence REAL,
    likeness TEXT,
    -- Whether the key may still have records.
    has_records INTEGER NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;
CREATE INDEX tombstones_since ON tombstones (since);
CREATE INDEX tombstones_to_empty ON tombstones (since) WHERE has_records;
