-- Images on disk, in files of their own. Kinds are numbers: 1 poster, 2 backdrop,
-- 3 profile, 4 still; `of` is the title or the person that wants it.

CREATE TABLE images (
    path TEXT NOT NULL,
    size TEXT NOT NULL,
    kind INTEGER NOT NULL,
    of_kind INTEGER NOT NULL,
    of_id INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (path, size)
) WITHOUT ROWID;

-- With the bytes, so that their sum needs no other page.
CREATE INDEX images_used ON images (used_at, place DESC, bytes);
CREATE INDEX images_fetched ON images (fetched_at);
CREATE INDEX images_of ON images (of_kind, of_id);

CREATE TABLE image_failures (
    path TEXT NOT NULL,
    size TEXT NOT NULL,
    of_kind INTEGER NOT NULL,
    of_id INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- NULL for what failed for good.
    retry_at INTEGER,
    reason TEXT NOT NULL,
    failed_at INTEGER NOT NULL,
    PRIMARY KEY (path, size)
) WITHOUT ROWID;

CREATE INDEX image_failures_at ON image_failures (failed_at);
CREATE INDEX image_failures_of ON image_failures (of_kind, of_id);

CREATE INDEX IF NOT EXISTS people_popularity ON people (popularity);
