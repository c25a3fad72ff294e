-- When a source first said that the title had changed while the task was leased; null when
-- none did. A lease that finishes such a task leaves it pending. Means nothing without a lease.
ALTER TABLE tasks ADD COLUMN again timestamptz;

-- Leases in a row that ended without a verdict: their processes died.
ALTER TABLE tasks ADD COLUMN abandoned integer NOT NULL DEFAULT 0;
