//! Records, and what is known of them.

use super::{EPISODE, ID, KIND, SEASON, Table, boolean, bytes, date, instant, integer, real, text};

pub(super) static TABLES: &[Table] = &[
    // With its question and its body, which SQLite keeps in tables of their own.
    Table::new(
        "versions",
        5,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            integer("version"),
            instant("valid_from"),
            instant("fetched_at"),
            bytes("hash"),
            integer("schema_version"),
            integer("body_bytes"),
            integer("stored_bytes").passing(),
            boolean("patched").passing(),
            integer("dictionary_id").passing(),
            text("asked_path"),
            text("query"),
            text("object").passing(),
            bytes("body").passing(),
        ],
    ),
    // Bodies that lie in the database, and whether they are as long as their version
    // says: one that no version names has no key.
    Table::new("bodies", 5, &[KIND, ID, SEASON, EPISODE, integer("version"), boolean("fits")])
        .not_moved(),
    // Without figures, where states are compared: an export and a record know them
    // with different exactness.
    Table::new(
        "heads",
        4,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            integer("version"),
            instant("fetched_at"),
            integer("schema_version"),
            date("released"),
            date("airs"),
            boolean("is_open"),
            real("popularity").passing(),
            real("vote_average").passing(),
            integer("vote_count").passing(),
            bytes("hash"),
        ],
    ),
    Table::new("series", 3, &[date("day").passing(), KIND, integer("block"), bytes("points")]),
    Table::new(
        "evidence",
        4,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            instant("not_found_at").known(),
            instant("missed_at"),
            text("unlisted_by"),
            text("unlisted_on"),
            instant("unlisted_noted"),
        ],
    ),
    Table::new(
        "tombstones",
        4,
        &[
            KIND,
            ID,
            SEASON,
            EPISODE,
            instant("since"),
            instant("not_found_at").known(),
            text("unlisted_by"),
            text("unlisted_on"),
            instant("unlisted_noted"),
            text("successor"),
            real("confidence"),
            text("likeness"),
            boolean("has_records"),
        ],
    ),
    Table::new(
        "dictionaries",
        1,
        &[
            integer("dictionary_id").passing(),
            KIND,
            instant("added_at"),
            boolean("retired"),
            bytes("dictionary"),
        ],
    ),
    Table::new("discarded_objects", 1, &[text("name")]).not_compared(),
];
