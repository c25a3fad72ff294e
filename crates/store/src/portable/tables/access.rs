//! Who may ask, what was asked for, and what was answered.

use super::{Table, date, instant, integer, text};

pub(super) static TABLES: &[Table] = &[
    Table::new(
        "tokens",
        1,
        &[
            text("name"),
            text("hash"),
            text("scope"),
            instant("created_at"),
            instant("expires_at"),
            instant("revoked_at"),
        ],
    )
    .not_compared(),
    Table::new(
        "clients",
        1,
        &[
            text("name"),
            text("key"),
            text("old_key"),
            instant("old_until"),
            integer("per_second"),
            integer("per_day"),
            instant("created_at"),
            instant("rotated_at"),
            instant("revoked_at"),
        ],
    )
    .not_compared(),
    Table::new(
        "client_usage",
        2,
        &[date("day"), text("client"), integer("requests"), integer("refused")],
    )
    .not_compared(),
    Table::new(
        "run_requests",
        1,
        &[
            integer("run_id"),
            text("wish"),
            text("asked_by"),
            text("holder"),
            instant("until"),
            integer("attempts"),
        ],
    )
    .not_compared(),
    Table::new("run_cancels", 1, &[integer("run_id"), text("asked_by"), instant("asked_at")])
        .not_compared(),
    // They are over in a day.
    Table::new(
        "replies",
        2,
        &[
            text("owner"),
            text("key"),
            text("fingerprint"),
            instant("begun_at"),
            instant("until"),
            integer("status"),
            text("location"),
            text("content_type"),
            text("body"),
        ],
    )
    .not_compared()
    .not_moved(),
];
