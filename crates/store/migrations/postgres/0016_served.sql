-- What was asked of the mirror by hour and endpoint, and how it came to its answers.
CREATE TABLE served (
    hour timestamptz NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    kept bigint NOT NULL,
    fresh bigint NOT NULL,
    stale bigint NOT NULL,
    fetched bigint NOT NULL,
    failed bigint NOT NULL,
    saved bigint NOT NULL,
    PRIMARY KEY (hour, endpoint)
);
