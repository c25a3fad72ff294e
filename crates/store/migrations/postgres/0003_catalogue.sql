-- Made from the archive; `cinemirror rebuild` makes it again.
-- A work's id is TMDB's, negative for shows. Whatever is sorted or compared goes by its bytes,
-- as in SQLite. Of what TMDB may write at any length only a start or a hash is in an index,
-- which refuses long values.

CREATE TABLE works (
    work_id bigint PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    tmdb_id bigint NOT NULL,
    imdb_id text COLLATE "C",
    title text COLLATE "C" NOT NULL,
    original_title text,
    original_language text COLLATE "C",
    year integer,
    release_date text COLLATE "C",
    runtime_minutes bigint,
    genres text[] NOT NULL,
    -- In lower case, to be searched.
    genre_words text[] COLLATE "C" NOT NULL,
    vote_average double precision,
    vote_count bigint NOT NULL,
    popularity double precision NOT NULL,
    adult boolean NOT NULL,
    -- Tells whether the text to be searched has changed.
    text_hash bigint NOT NULL,
    last_refreshed_at timestamptz NOT NULL
);

-- What most queries filter by, so that matches are counted without the rows.
CREATE INDEX works_facets ON works (adult, kind, year, vote_count, vote_average);
CREATE INDEX works_imdb ON works USING hash (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE INDEX works_popularity ON works (popularity, work_id);
CREATE INDEX works_votes ON works (vote_count, work_id);
CREATE INDEX works_rating ON works
    (vote_average DESC NULLS LAST, vote_count DESC, work_id DESC);
CREATE INDEX works_released ON works (release_date DESC NULLS LAST, work_id DESC);
-- In this collation, `lower` knows ASCII only, as SQLite's NOCASE does.
CREATE INDEX works_title ON works ("left"(lower(title), 500));
CREATE INDEX works_genres ON works USING gin (genre_words);

-- In a table of its own, so that figures move without it.
CREATE TABLE work_texts (
    work_id bigint PRIMARY KEY,
    words tsvector NOT NULL
);

CREATE INDEX work_texts_words ON work_texts USING gin (words);

CREATE TABLE works_meta (
    work_id bigint PRIMARY KEY,
    tagline text,
    overview text,
    overview_short text,
    status text,
    runtime_display text,
    certification text,
    poster_url_small text,
    poster_url_medium text,
    poster_url_large text,
    poster_url_original text,
    backdrop_url text,
    backdrop_url_mobile text,
    still_images text[] NOT NULL,
    trailer_key text,
    trailers jsonb NOT NULL,
    keywords text[] NOT NULL,
    production_companies text[] NOT NULL,
    production_countries text[] NOT NULL,
    budget bigint,
    revenue bigint,
    seasons bigint,
    episodes bigint,
    last_air_date text COLLATE "C",
    next_air_date text COLLATE "C",
    networks text[] NOT NULL,
    created_by text[] NOT NULL,
    collection text,
    streaming jsonb NOT NULL,
    cast_members jsonb NOT NULL,
    crew_members jsonb NOT NULL,
    schema_version bigint NOT NULL
);

CREATE TABLE rating_sources (
    work_id bigint NOT NULL,
    source_name text COLLATE "C" NOT NULL,
    value_raw double precision NOT NULL,
    scale double precision NOT NULL,
    value_0_100 double precision NOT NULL,
    votes_count bigint NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (work_id, source_name)
);

CREATE TABLE similar_works (
    work_id bigint NOT NULL,
    source text COLLATE "C" NOT NULL,
    rank bigint NOT NULL,
    similar_work_id bigint NOT NULL,
    title text,
    PRIMARY KEY (work_id, source, rank)
);

CREATE TABLE work_cards (
    work_id bigint PRIMARY KEY,
    payload text NOT NULL,
    etag text NOT NULL
);

CREATE TABLE people (
    person_id bigint PRIMARY KEY,
    imdb_id text COLLATE "C",
    name text NOT NULL,
    also_known_as text[] NOT NULL,
    biography text,
    birthday text COLLATE "C",
    deathday text COLLATE "C",
    place_of_birth text,
    known_for_department text,
    gender bigint,
    popularity double precision NOT NULL,
    profile_path text,
    adult boolean NOT NULL,
    last_refreshed_at timestamptz NOT NULL,
    credits jsonb NOT NULL
);

-- Seasons, episodes, collections, companies, networks, keywords, reference data.
CREATE TABLE things (
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    name text,
    last_refreshed_at timestamptz NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
);

-- TMDB's lists as last read; not made from records.
CREATE TABLE list_entries (
    list text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    rank bigint NOT NULL,
    page bigint NOT NULL,
    kind smallint NOT NULL,
    id bigint NOT NULL,
    season integer NOT NULL,
    episode integer NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (list, region, language, rank)
);

-- Casts are long, and compressing them took more time than all else. Not every server has it.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_settings
               WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE works_meta
            ALTER cast_members SET COMPRESSION lz4,
            ALTER crew_members SET COMPRESSION lz4,
            ALTER streaming SET COMPRESSION lz4;
        ALTER TABLE people ALTER credits SET COMPRESSION lz4;
    END IF;
END
$$;
