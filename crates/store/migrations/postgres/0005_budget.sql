-- What all processes share; see domain::budget::Shared.
CREATE TABLE budget (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    shared jsonb NOT NULL
);
INSERT INTO budget VALUES (1, '{}');
