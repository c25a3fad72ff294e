-- The newest version of each key, and its outline. Updates stay on their page where it has room.
CREATE TABLE heads (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    version integer NOT NULL,
    fetched_at timestamptz NOT NULL,
    schema_version integer NOT NULL,
    released date,
    airs date,
    is_open boolean NOT NULL,
    -- As last known, from a record or an export.
    popularity double precision,
    vote_average double precision,
    vote_count bigint,
    hash bytea NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITH (fillfactor = 80);

-- The points of a day, of a block of neighbouring ids, as bytes: see archive/series/block.rs.
CREATE TABLE series (
    day date NOT NULL,
    kind smallint NOT NULL,
    block bigint NOT NULL,
    points bytea NOT NULL,
    PRIMARY KEY (day, kind, block)
);
ALTER TABLE series ALTER COLUMN points SET STORAGE EXTERNAL;

CREATE TABLE evidence (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    -- The first 404, and the last.
    not_found_at timestamptz,
    missed_at timestamptz,
    -- What lacked it first, and that thing's date.
    unlisted_by text,
    unlisted_on date,
    unlisted_noted timestamptz,
    PRIMARY KEY (kind, id, season, episode)
);
CREATE INDEX evidence_missed_at ON evidence (missed_at);

CREATE TABLE tombstones (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    since timestamptz NOT NULL,
    not_found_at timestamptz,
    unlisted_by text,
    unlisted_on date,
    unlisted_noted timestamptz,
    -- A key, as in `movie/550`.
    successor text,
    confidence double precision,
    likeness text,
    -- Whether the key may still have records.
    has_records boolean NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
);
CREATE INDEX tombstones_since ON tombstones (since);
CREATE INDEX tombstones_to_empty ON tombstones (since) WHERE has_records;
