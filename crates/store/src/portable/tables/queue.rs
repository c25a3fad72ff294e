//! What is to be done, and what could not be.

use super::{EPISODE, ID, KIND, SEASON, Table, bytes, instant, integer, text};

pub(super) static TABLES: &[Table] = &[
    Table::new(
        "tasks",
        4,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            integer("priority"),
            instant("wakes_at"),
            integer("token").passing(),
            integer("attempts"),
            instant("due_at"),
            instant("added_at"),
            integer("run").passing(),
            text("source"),
            text("leased_by").passing(),
            text("last_error"),
            instant("again"),
            integer("abandoned").passing(),
        ],
    ),
    Table::new(
        "dead_letters",
        4,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            integer("priority"),
            text("class"),
            text("error"),
            integer("attempts"),
            instant("added_at"),
            instant("died_at"),
            integer("run").passing(),
            text("source"),
            bytes("body"),
        ],
    ),
];
