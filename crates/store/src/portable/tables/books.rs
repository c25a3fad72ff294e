//! Runs, calls, cursors, the schedule, images, and the rows of which there is but one.

use super::{KIND, Table, instant, integer, json, text, texts};

pub(super) static TABLES: &[Table] = &[
    Table::new(
        "pipeline_runs",
        1,
        &[
            integer("run_id"),
            text("name"),
            text("trigger"),
            texts("sources"),
            text("status"),
            instant("started_at"),
            instant("heard_at"),
            instant("ended_at"),
            integer("checked"),
            integer("skipped"),
            integer("queued"),
            integer("ingested"),
            integer("unchanged"),
            integer("gone"),
            integer("failed"),
            integer("calls"),
            integer("bytes"),
            texts("ingested_titles"),
            texts("failed_titles"),
            text("error"),
        ],
    )
    .not_compared(),
    Table::new(
        "api_calls",
        1,
        &[
            integer("call_id"),
            instant("at"),
            text("endpoint"),
            text("path"),
            text("query"),
            integer("status"),
            text("outcome"),
            integer("took_ms"),
            integer("bytes"),
            integer("run"),
        ],
    )
    .not_compared(),
    Table::new("cursors", 1, &[text("source"), text("position"), instant("moved_at")])
        .not_compared(),
    Table::new(
        "schema_drift",
        3,
        &[
            KIND,
            text("path"),
            text("found"),
            integer("count"),
            instant("first_seen"),
            instant("last_seen"),
        ],
    )
    .not_compared(),
    Table::new(
        "served",
        2,
        &[
            instant("hour"),
            text("endpoint"),
            integer("kept"),
            integer("fresh"),
            integer("stale"),
            integer("fetched"),
            integer("failed"),
            integer("saved"),
        ],
    )
    .not_compared(),
    Table::new("schedule_entries", 1, &[text("name"), json("state")]).not_compared(),
    Table::new(
        "schedule_starts",
        2,
        &[
            text("name"),
            integer("number"),
            instant("slot"),
            text("cause"),
            integer("attempt"),
            instant("started_at"),
            text("started_by"),
            instant("ended_at"),
            text("outcome"),
            text("error"),
        ],
    )
    .not_compared(),
    Table::new(
        "images",
        2,
        &[
            text("path"),
            text("size"),
            KIND,
            integer("of_kind"),
            integer("of_id"),
            integer("bytes"),
            instant("fetched_at"),
            instant("used_at"),
            integer("place"),
        ],
    )
    .not_compared(),
    Table::new(
        "image_failures",
        2,
        &[
            text("path"),
            text("size"),
            integer("of_kind"),
            integer("of_id"),
            integer("attempts"),
            instant("retry_at"),
            text("reason"),
            instant("failed_at"),
        ],
    )
    .not_compared(),
    Table::new("workers", 1, &[text("name")]).not_compared().not_moved(),
    Table::new("budget", 1, &[integer("only_row"), json("shared")]).replaced(),
    Table::new("lease_tokens", 1, &[integer("only_row"), integer("last")]).replaced(),
    Table::new("schedule_leader", 1, &[integer("only_row"), json("leader")]).replaced(),
    // The last number that a table has given out, where none is given twice.
    Table::new("counters", 1, &[text("name"), integer("last")]).replaced(),
];
