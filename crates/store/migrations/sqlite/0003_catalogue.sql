-- Made from the archive; `cinemirror rebuild` makes it again.
-- A work's id is TMDB's, negative for shows. Lists are JSON texts.

CREATE TABLE works (
    work_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    tmdb_id INTEGER NOT NULL,
    imdb_id TEXT,
    title TEXT NOT NULL,
    original_title TEXT,
    original_language TEXT,
    year INTEGER,
    release_date TEXT,
    runtime_minutes INTEGER,
    genres TEXT NOT NULL,
    -- In lower case between bars, to be searched.
    genre_words TEXT NOT NULL,
    vote_average REAL,
    vote_count INTEGER NOT NULL,
    popularity REAL NOT NULL,
    adult INTEGER NOT NULL,
    -- Tells whether the text to be searched has changed.
    text_hash INTEGER NOT NULL,
    last_refreshed_at INTEGER NOT NULL
);

CREATE INDEX works_kind ON works (kind);
CREATE INDEX works_imdb ON works (imdb_id) WHERE imdb_id IS NOT NULL;
CREATE INDEX works_popularity ON works (popularity);
CREATE INDEX works_votes ON works (vote_count);
CREATE INDEX works_rating ON works (vote_average, vote_count);
CREATE INDEX works_released ON works (release_date);
CREATE INDEX works_title ON works (title COLLATE NOCASE);

CREATE VIRTUAL TABLE work_texts USING fts5 (
    title,
    original_title,
    overview,
    tagline,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE works_meta (
    work_id INTEGER PRIMARY KEY,
    tagline TEXT,
    overview TEXT,
    overview_short TEXT,
    status TEXT,
    runtime_display TEXT,
    certification TEXT,
    poster_url_small TEXT,
    poster_url_medium TEXT,
    poster_url_large TEXT,
    poster_url_original TEXT,
    backdrop_url TEXT,
    backdrop_url_mobile TEXT,
    still_images TEXT NOT NULL,
    trailer_key TEXT,
    trailers TEXT NOT NULL,
    keywords TEXT NOT NULL,
    production_companies TEXT NOT NULL,
    production_countries TEXT NOT NULL,
    budget INTEGER,
    revenue INTEGER,
    seasons INTEGER,
    episodes INTEGER,
    last_air_date TEXT,
    next_air_date TEXT,
    networks TEXT NOT NULL,
    created_by TEXT NOT NULL,
    collection TEXT,
    streaming TEXT NOT NULL,
    cast_members TEXT NOT NULL,
    crew_members TEXT NOT NULL,
    schema_version INTEGER NOT NULL
);

CREATE TABLE rating_sources (
    work_id INTEGER NOT NULL,
    source_name TEXT NOT NULL,
    value_raw REAL NOT NULL,
    scale REAL NOT NULL,
    value_0_100 REAL NOT NULL,
    votes_count INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (work_id, source_name)
) WITHOUT ROWID;

CREATE TABLE similar_works (
    work_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    rank INTEGER NOT NULL,
    similar_work_id INTEGER NOT NULL,
    title TEXT,
    PRIMARY KEY (work_id, source, rank)
) WITHOUT ROWID;

CREATE TABLE work_cards (
    work_id INTEGER PRIMARY KEY,
    payload TEXT NOT NULL,
    etag TEXT NOT NULL
);

CREATE TABLE people (
    person_id INTEGER PRIMARY KEY,
    imdb_id TEXT,
    name TEXT NOT NULL,
    also_known_as TEXT NOT NULL,
    biography TEXT,
    birthday TEXT,
    deathday TEXT,
    place_of_birth TEXT,
    known_for_department TEXT,
    gender INTEGER,
    popularity REAL NOT NULL,
    profile_path TEXT,
    adult INTEGER NOT NULL,
    last_refreshed_at INTEGER NOT NULL,
    credits TEXT NOT NULL
);

-- Seasons, episodes, collections, companies, networks, keywords, reference data.
CREATE TABLE things (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    name TEXT,
    last_refreshed_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id, season, episode)
) WITHOUT ROWID;

-- TMDB's lists as last read; not made from records.
CREATE TABLE list_entries (
    list TEXT NOT NULL,
    region TEXT NOT NULL,
    language TEXT NOT NULL,
    rank INTEGER NOT NULL,
    page INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    season INTEGER NOT NULL,
    episode INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (list, region, language, rank)
) WITHOUT ROWID;
