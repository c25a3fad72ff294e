-- Scores, ratings of other sources than TMDB, and indexes that find people who are alike.

-- The score of `aggregates`, to sort by.
ALTER TABLE works ADD COLUMN score double precision;

CREATE INDEX works_score ON works (score DESC NULLS LAST, work_id DESC);

CREATE TABLE aggregates (
    work_id bigint PRIMARY KEY,
    method_version bigint NOT NULL,
    score double precision NOT NULL,
    score_low double precision NOT NULL,
    score_high double precision NOT NULL,
    source_scores jsonb NOT NULL,
    -- When the newest rating in it was seen.
    computed_at timestamptz NOT NULL
);

-- Not made from records: they outlive a rebuild, and a title's purge.
CREATE TABLE imported_ratings (
    -- An IMDb id, or a title's key such as movie/550.
    title_ref text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    value_raw double precision NOT NULL,
    scale double precision NOT NULL,
    votes bigint NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (title_ref, source)
);

-- Every title has one of TMDB's.
CREATE INDEX rating_sources_imported ON rating_sources (source_name)
    WHERE source_name <> 'TMDB';

CREATE INDEX people_imdb ON people USING hash (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE INDEX people_born ON people (birthday) WHERE birthday IS NOT NULL;
