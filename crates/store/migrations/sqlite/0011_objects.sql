-- Bodies that lie in an object store.

-- What tells the body's object from others of the same version; null where the body is in
-- `bodies`. Its `body_id` is 0.
ALTER TABLE versions ADD COLUMN object TEXT;

-- Objects that no row names any more, until they are deleted.
CREATE TABLE discarded_objects (
    name TEXT PRIMARY KEY
) WITHOUT ROWID;
