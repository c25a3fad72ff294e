-- Tasks that somebody waits for are counted before one is added.
CREATE INDEX tasks_demanded ON tasks (added_at) WHERE priority = 0;

-- What changed since when: movies, shows and people.
CREATE INDEX versions_begun ON versions (kind, valid_from, id) WHERE kind IN (1, 2, 5);
