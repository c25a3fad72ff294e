-- Scores, ratings of other sources than TMDB, and indexes that find people who are alike.

-- The score of `aggregates`, to sort by.
ALTER TABLE works ADD COLUMN score REAL;

CREATE INDEX works_score ON works (score);

CREATE TABLE aggregates (
    work_id INTEGER PRIMARY KEY,
    method_version INTEGER NOT NULL,
    score REAL NOT NULL,
    score_low REAL NOT NULL,
    score_high REAL NOT NULL,
    source_scores TEXT NOT NULL,
    -- When the newest rating in it was seen.
    computed_at INTEGER NOT NULL
);

-- Not made from records: they outlive a rebuild, and a title's purge.
CREATE TABLE imported_ratings (
    -- An IMDb id, or a title's key such as movie/550.
    title_ref TEXT NOT NULL,
    source TEXT NOT NULL,
    value_raw REAL NOT NULL,
    scale REAL NOT NULL,
    votes INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (title_ref, source)
) WITHOUT ROWID;

CREATE INDEX people_imdb ON people (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE INDEX people_born ON people (birthday) WHERE birthday IS NOT NULL;
