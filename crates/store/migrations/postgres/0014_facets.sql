-- What titles are found by. Made from the archive; `cinemirror rebuild` makes it again.

CREATE TABLE facets (
    work_id bigint PRIMARY KEY,
    -- All names in all languages, a line each; what `work_names` is made of.
    names text NOT NULL,
    -- Packed, see `projection::facets`.
    traits bytea NOT NULL,
    last_refreshed_at timestamptz NOT NULL
);

CREATE INDEX facets_refreshed ON facets (last_refreshed_at, work_id);

-- In tables of their own, so that rows are refreshed without them.
CREATE TABLE work_names (
    work_id bigint PRIMARY KEY,
    words tsvector NOT NULL
);

CREATE INDEX work_names_words ON work_names USING gin (words);

CREATE TABLE person_names (
    person_id bigint PRIMARY KEY,
    words tsvector NOT NULL
);

CREATE INDEX person_names_words ON person_names USING gin (words);

-- Of collections, companies, networks and keywords; a row's number is id * 16 + kind.
CREATE TABLE thing_names (
    thing_id bigint PRIMARY KEY,
    words tsvector NOT NULL
);

CREATE INDEX thing_names_words ON thing_names USING gin (words);

-- Ids at other places; the numbers of sources are those of `ExternalSource`.
CREATE TABLE external_ids (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    source smallint NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, id, season, episode, source)
);

CREATE INDEX external_ids_value ON external_ids USING hash (external_id);
