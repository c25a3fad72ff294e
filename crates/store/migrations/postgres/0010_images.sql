-- Images on disk, in files of their own. Kinds are numbers: 1 poster, 2 backdrop,
-- 3 profile, 4 still; `of` is the title or the person that wants it.

CREATE TABLE images (
    path text COLLATE "C" NOT NULL,
    size text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    of_kind smallint NOT NULL,
    of_id bigint NOT NULL,
    bytes bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    place bigint NOT NULL,
    PRIMARY KEY (path, size)
);

-- With the bytes, so that their sum needs no other page.
CREATE INDEX images_used ON images (used_at, place DESC, path, size) INCLUDE (bytes);
CREATE INDEX images_fetched ON images (fetched_at);
CREATE INDEX images_of ON images (of_kind, of_id);

CREATE TABLE image_failures (
    path text COLLATE "C" NOT NULL,
    size text COLLATE "C" NOT NULL,
    of_kind smallint NOT NULL,
    of_id bigint NOT NULL,
    attempts bigint NOT NULL,
    -- Null for what failed for good.
    retry_at timestamptz,
    reason text NOT NULL,
    failed_at timestamptz NOT NULL,
    PRIMARY KEY (path, size)
);

CREATE INDEX image_failures_at ON image_failures (failed_at);
CREATE INDEX image_failures_of ON image_failures (of_kind, of_id);

CREATE INDEX people_popularity ON people (popularity, person_id);
