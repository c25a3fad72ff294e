-- The processes of the deployment, as they tell of themselves.
CREATE TABLE workers (
    name text COLLATE "C" PRIMARY KEY,
    host text NOT NULL,
    pid bigint NOT NULL,
    role text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    in_flight bigint NOT NULL,
    collected bigint NOT NULL,
    failed bigint NOT NULL
) WITH (fillfactor = 50);
