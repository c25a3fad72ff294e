-- What all processes share, as JSON; see domain::budget::Shared.
CREATE TABLE budget (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    shared TEXT NOT NULL
);
