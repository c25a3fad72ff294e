-- The processes of the deployment, as they tell of themselves.
CREATE TABLE workers (
    name TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    role TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    collected INTEGER NOT NULL,
    failed INTEGER NOT NULL
) WITHOUT ROWID;
