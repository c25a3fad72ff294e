-- Objects that no row names any more, until they are deleted.
CREATE TABLE discarded_objects (
    name text COLLATE "C" PRIMARY KEY
);
