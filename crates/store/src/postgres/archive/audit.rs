//! Everything held that came from TMDB, table by table.
//!
//! Each table is either looked at or left out with a reason; a test compares
//! both lists with the tables there are, so that a new one cannot be forgotten.
//! Errors of dead letters and runs are our own sentences.

use domain::archive::Holding;
use tokio_postgres::Row;

use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{maybe_time_at, unsigned};

/// What is looked at: the table, what of it, and how many rows there are since when.
struct Look {
    /// Named by the test alone.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the test compares tables"))]
    table: &'static str,
    what: &'static str,
    /// One row: how many, and the oldest instant. Rows whose age nobody knows count as of 1970.
    sql: &'static str,
}

/// A table that is looked at as a whole, by the instant in a column.
macro_rules! look {
    ($table:literal, $oldest:literal) => {
        look!($table, $oldest, $table)
    };
    ($table:literal, $oldest:literal, $what:literal) => {
        Look {
            table: $table,
            what: $what,
            sql: concat!("SELECT count(*), min(", $oldest, ") FROM ", $table),
        }
    };
}

/// A table of the catalogue, whose rows are as old as their works.
macro_rules! look_by_work {
    ($table:literal) => {
        Look {
            table: $table,
            what: $table,
            sql: concat!(
                "SELECT count(*), min(coalesce(last_refreshed_at, to_timestamp(0))) FROM ",
                $table,
                " LEFT JOIN works USING (work_id)"
            ),
        }
    };
}

const LOOKS: [Look; 22] = [
    look!("versions", "fetched_at", "versions (with their bodies)"),
    look!("heads", "fetched_at", "heads (dates and figures)"),
    look!("series", "day::timestamp AT TIME ZONE 'UTC'", "series (blocks of figures)"),
    look!("dictionaries", "added_at", "dictionaries (fragments of texts)"),
    look!("works", "last_refreshed_at"),
    look_by_work!("work_texts"),
    look_by_work!("works_meta"),
    Look {
        table: "rating_sources",
        what: "rating_sources (of TMDB)",
        sql: "SELECT count(*), min(last_seen_at) FROM rating_sources WHERE source_name = 'TMDB'",
    },
    look_by_work!("aggregates"),
    look_by_work!("similar_works"),
    look_by_work!("work_cards"),
    look!("people", "last_refreshed_at"),
    look!("things", "last_refreshed_at"),
    look!("facets", "last_refreshed_at"),
    look_by_work!("work_names"),
    Look {
        table: "person_names",
        what: "person_names",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, to_timestamp(0)))
              FROM person_names LEFT JOIN people USING (person_id)",
    },
    Look {
        table: "thing_names",
        what: "thing_names",
        sql: "SELECT count(*), min(coalesce(last_refreshed_at, to_timestamp(0)))
              FROM thing_names n
              LEFT JOIN things t ON t.kind = n.thing_id % 16 AND t.id = n.thing_id / 16
                                AND t.season = -1 AND t.episode = -1",
    },
    look!("images", "fetched_at"),
    look!("list_entries", "seen_at"),
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
              WHERE cardinality(ingested_titles) + cardinality(failed_titles) > 0",
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
    ("queries", "our own questions"),
    ("replies", "our own answers about runs and clients"),
    ("run_cancels", "our own runs"),
    ("run_requests", "our own runs"),
    ("schedule_entries", "our own plans"),
    ("schedule_leader", "one of our own processes"),
    ("schedule_starts", "what came of our plans"),
    ("schema_drift", "names of fields, and how often they were seen"),
    ("schema_migrations", "our own tables"),
    ("served", "what was asked of us: paths without ids, and counts"),
    ("tokens", "hashes of our own secrets"),
    ("tombstones", "ids, and when what was seen"),
    ("workers", "our own processes"),
];

pub(super) async fn audit(tx: &Transaction<'_>) -> Result<Vec<Holding>, Fault> {
    let look = |Look { what, sql, .. }: &Look| {
        format!("SELECT '{what}', l.* FROM ({sql}) AS l (rows, oldest)")
    };
    let looks: Vec<String> = LOOKS.iter().map(look).collect();
    let rows = tx.rows(&looks.join(" UNION ALL "), &[]).await?;
    rows.iter().map(holding).collect()
}

fn holding(row: &Row) -> Result<Holding, Fault> {
    let rows = unsigned(row.try_get(1)?);
    Ok(Holding { what: row.try_get(0)?, rows, oldest: maybe_time_at(row, 2)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::{Database, snapshot};

    async fn tables(tx: &Transaction<'_>) -> Result<Vec<String>, Fault> {
        let select = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()
                      ORDER BY tablename";
        tx.rows(select, &[]).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    #[tokio::test]
    async fn every_table_is_looked_at_or_left_out_with_a_reason() {
        let address = crate::contract::servers::address().await;
        let database = Database::open(&address).await.unwrap();
        let tables = snapshot!(database, tx => tables(&tx).await).unwrap();
        let is_known = |table: &str| {
            LOOKS.iter().any(|look| look.table == table)
                || LEFT_OUT.iter().any(|(name, _)| *name == table)
        };
        let forgotten: Vec<_> = tables.iter().filter(|table| !is_known(table)).collect();
        assert!(forgotten.is_empty(), "the audit knows nothing of {forgotten:?}");
    }
}
