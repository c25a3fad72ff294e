//! Everything held that came from TMDB, table by table.
//!
//! Each table is either looked at or left out with a reason; a test compares
//! both lists with the tables there are, so that a new one cannot be forgotten.
//! Errors of dead letters and runs are our own sentences.

use domain::Timestamp;
use domain::archive::Holding;
use rusqlite::Connection;

use super::Fault;
use crate::sqlite::columns::{maybe_time_at, unsigned};

/// What is looked at: the table, what of it, and how many rows there are since when.
struct Look {
    /// Named by the test alone.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the test compares tables"))]
    table: &'static str,
    what: &'static str,
    /// One row: how many, and the oldest instant. Rows whose age nobody knows count as of 1970.
    sql: &'static str,
}

const LOOKS: [Look; 23] = [
    Look {
        table: "versions",
        what: "versions",
        sql: "SELECT count(*), min(fetched_at) FROM versions",
    },
    Look {
        table: "bodies",
        what: "bodies (of no version)",
        sql: "SELECT b.number - v.number, iif(b.number = v.number, NULL, 0)
              FROM (SELECT count(*) AS number FROM bodies) b,
                   (SELECT count(*) AS number FROM versions WHERE object IS NULL) v",
    },
    Look {
        table: "heads",
        what: "heads (dates and figures)",
        sql: "SELECT count(*), min(fetched_at) FROM heads",
    },
    Look {
        table: "series",
        what: "series (blocks of figures)",
        sql: "SELECT count(*), min(day) * 86400000 FROM series",
    },
    Look {
        table: "dictionaries",
        what: "dictionaries (fragments of texts)",
        sql: "SELECT count(*), min(added_at) FROM dictionaries",
    },
    Look {
        table: "works",
        what: "works",
        sql: "SELECT count(*), min(last_refreshed_at) FROM works",
    },
    Look {
        table: "work_texts",
        what: "work_texts",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM work_texts t LEFT JOIN works ON work_id = t.rowid",
    },
    Look {
        table: "works_meta",
        what: "works_meta",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM works_meta LEFT JOIN works USING (work_id)",
    },
    Look {
        table: "rating_sources",
        what: "rating_sources (of TMDB)",
        sql: "SELECT count(*), min(last_seen_at) FROM rating_sources WHERE source_name = 'TMDB'",
    },
    Look {
        table: "aggregates",
        what: "aggregates",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM aggregates LEFT JOIN works USING (work_id)",
    },
    Look {
        table: "similar_works",
        what: "similar_works",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM similar_works LEFT JOIN works USING (work_id)",
    },
    Look {
        table: "work_cards",
        what: "work_cards",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM work_cards LEFT JOIN works USING (work_id)",
    },
    Look {
        table: "people",
        what: "people",
        sql: "SELECT count(*), min(last_refreshed_at) FROM people",
    },
    Look {
        table: "things",
        what: "things",
        sql: "SELECT count(*), min(last_refreshed_at) FROM things",
    },
    Look {
        table: "facets",
        what: "facets",
        sql: "SELECT count(*), min(last_refreshed_at) FROM facets",
    },
    Look {
        table: "work_names",
        what: "work_names",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM work_names n LEFT JOIN works ON work_id = n.rowid",
    },
    Look {
        table: "person_names",
        what: "person_names",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM person_names n LEFT JOIN people ON person_id = n.rowid",
    },
    Look {
        table: "thing_names",
        what: "thing_names",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, 0))
              FROM thing_names n
              LEFT JOIN things t ON t.kind = n.rowid % 16 AND t.id = n.rowid / 16
                                AND t.season = -1 AND t.episode = -1",
    },
    Look { table: "images", what: "images", sql: "SELECT count(*), min(fetched_at) FROM images" },
    Look {
        table: "list_entries",
        what: "list_entries",
        sql: "SELECT count(*), min(seen_at) FROM list_entries",
    },
    Look {
        table: "dead_letters",
        what: "dead_letters (bodies)",
        sql: "SELECT count(*), min(died_at) FROM dead_letters WHERE length(body) > 0",
    },
    Look {
        table: "tasks",
        what: "tasks (errors)",
        sql: "SELECT count(*), min(added_at) FROM tasks WHERE last_error IS NOT NULL",
    },
    Look {
        table: "pipeline_runs",
        what: "pipeline_runs (titles)",
        sql: "SELECT count(*), min(coalesce(ended_at, heard_at)) FROM pipeline_runs
              WHERE ingested_titles <> '[]' OR failed_titles <> '[]'",
    },
];

/// Tables that hold nothing of TMDB's but ids, and why.
#[cfg(test)]
const LEFT_OUT: &[(&str, &str)] = &[
    ("api_calls", "our own requests: paths with ids, times, sizes"),
    ("budget", "our own permits"),
    ("client_usage", "how much our own clients asked"),
    ("clients", "our own clients"),
    ("cursors", "how far sources have been read"),
    ("discarded_objects", "names of objects, until they are deleted"),
    ("evidence", "ids, and when what was seen"),
    ("external_ids", "ids alone, which go with their records"),
    ("image_failures", "our own attempts: paths, times, reasons"),
    ("imported_ratings", "ratings of others than TMDB"),
    ("lease_tokens", "a number"),
    ("queries", "our own questions"),
    ("replies", "our own answers about runs and clients"),
    ("run_cancels", "our own runs"),
    ("run_requests", "our own runs"),
    ("schedule_%", "our own plans, and what came of them"),
    ("schema_drift", "names of fields, and how often they were seen"),
    ("schema_migrations", "our own tables"),
    ("sqlite_sequence", "numbers of rows"),
    ("served", "what was asked of us: paths without ids, and counts"),
    ("tokens", "hashes of our own secrets"),
    ("tombstones", "ids, and when what was seen"),
    ("person_names_%", "the inside of person_names"),
    ("thing_names_%", "the inside of thing_names"),
    ("work_names_%", "the inside of work_names"),
    ("work_texts_%", "the inside of work_texts"),
    ("workers", "our own processes"),
];

pub(super) fn audit(db: &Connection) -> Result<Vec<Holding>, Fault> {
    LOOKS.iter().map(|look| holding(db, look)).collect()
}

fn holding(db: &Connection, look: &Look) -> Result<Holding, Fault> {
    let mut select = db.prepare_cached(look.sql)?;
    let (rows, oldest): (_, Option<Timestamp>) = select
        .query_row([], |row| Ok((row.get(0)?, maybe_time_at(row, 1))))
        .map_err(Fault::from)
        .and_then(|(rows, oldest)| Ok((rows, oldest?)))?;
    Ok(Holding { what: look.what.to_owned(), rows: unsigned(rows), oldest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(db: &Connection) -> Result<Vec<String>, Fault> {
        let mut select = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
        let names = select.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    #[tokio::test]
    async fn every_table_is_looked_at_or_left_out_with_a_reason() {
        let store = crate::open("sqlite::memory:").await.unwrap();
        let tables = store.sqlite().read(tables).await.unwrap();
        let is_known = |table: &str| {
            let is_left_out = |(name, _): &(&str, _)| match name.strip_suffix('%') {
                Some(start) => table.starts_with(start),
                None => table == *name,
            };
            LOOKS.iter().any(|look| look.table == table) || LEFT_OUT.iter().any(is_left_out)
        };
        let forgotten: Vec<_> = tables.iter().filter(|table| !is_known(table)).collect();
        assert!(forgotten.is_empty(), "the audit knows nothing of {forgotten:?}");
    }
}
