-- When a source first said that the title had changed while the task was leased; null when
-- none did. A lease that finishes such a task leaves it pending.
ALTER TABLE tasks ADD COLUMN again INTEGER;

-- Leases in a row that ended without a verdict: their processes died.
ALTER TABLE tasks ADD COLUMN abandoned INTEGER NOT NULL DEFAULT 0;
