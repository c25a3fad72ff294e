-- What all processes share; see domain::budget::Shared.
CREATE TABLE budget (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    shared jsonb NOT NULL
) WITH (
    -- Written several times a second by each process: room for many versions on its page.
    fillfactor = 10,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_scale_factor = 0
);
-- A few kilobytes that are written anew each time must not go to a table of their own.
ALTER TABLE budget ALTER COLUMN shared SET STORAGE MAIN;
INSERT INTO budget VALUES (1, '{}');
