-- What was asked of the mirror by hour and endpoint, and how it came to its answers.
CREATE TABLE served (
    hour INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    kept INTEGER NOT NULL,
    fresh INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    fetched INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    PRIMARY KEY (hour, endpoint)
) WITHOUT ROWID;
