//! The contract of each port: what its documentation says, as functions over it.
//!
//! Every database runs all of them; [`contract`] makes a test of each.

mod archive;
mod budget;
mod catalogue;
mod ledger;
mod queue;
mod ratings;
mod upkeep;

use domain::{Key, Record, Timestamp};

use crate::Store;

/// One test for each function, on a new database in memory.
macro_rules! contract {
    ($port:ident: $($sentence:ident),* $(,)?) => {
        mod $port {
            $(
                #[tokio::test]
                async fn $sentence() {
                    let store = crate::open("sqlite::memory:").await.unwrap();
                    super::super::$port::$sentence(&store).await;
                }
            )*
        }
    };
}

mod on_sqlite {
    contract!(queue:
        a_key_is_pending_once_and_keeps_the_more_urgent_priority,
        a_dead_key_is_not_queued_again,
        the_most_urgent_comes_first_then_the_key,
        a_leased_task_is_hidden_until_the_lease_ends,
        a_late_worker_cannot_settle_what_another_holds,
        a_late_worker_may_settle_what_nobody_took,
        an_extended_lease_is_not_taken,
        a_retry_waits_and_counts,
        a_release_counts_nothing,
        a_dead_worker_costs_no_attempt,
        a_burial_makes_a_dead_letter,
        dead_letters_are_filtered,
        a_redriven_task_starts_over,
        the_depth_counts_each_task_once,
        pending_tasks_tell_how_they_stand,
    );
    contract!(archive:
        the_first_record_is_created,
        an_equal_record_moves_its_version,
        a_changed_record_is_a_further_version,
        records_are_kept_in_order,
        what_came_before_is_an_earlier_version,
        heads_come_in_the_order_asked,
        a_scan_reads_every_key_once,
        a_scan_keeps_to_its_kind,
        seasons_and_episodes_have_records,
        a_suspect_is_cleared_by_a_record,
        stats_are_by_kind,
        a_dictionary_is_used_from_now_on,
        any_question_comes_back_as_it_was,
    );
    contract!(catalogue:
        a_work_comes_back_whole,
        the_same_record_twice_gives_the_same_rows,
        a_rebuild_gives_the_same_rows,
        a_new_record_replaces_the_rows,
        every_filter_filters,
        every_sort_sorts,
        pages_follow_each_other,
        all_words_must_be_there,
        a_list_is_replaced_page_by_page,
        a_shorter_list_loses_its_tail,
        every_kind_is_counted,
        what_is_unknown_is_absent,
    );
    contract!(ratings:
        a_record_is_scored_as_it_is_put,
        imported_ratings_join_titles_that_are_there_and_that_come,
        a_later_import_replaces_ratings_one_by_one,
        a_rating_of_the_key_wins_over_one_of_its_imdb_id,
        a_forgotten_source_leaves_no_rating,
        imported_ratings_outlive_a_rebuild,
        what_is_scored_is_not_scored_again,
    );
    contract!(upkeep:
        a_removed_key_leaves_no_row,
        popularity_moves_where_there_is_a_row,
        a_title_is_alike_by_imdb_id_date_or_year,
        a_person_is_alike_by_imdb_id_or_name_and_birthday,
        lists_are_forgotten_by_when_they_were_read,
        similar_titles_without_a_record_are_wanted,
    );
    contract!(ledger:
        a_run_adds_up,
        a_run_ends_once_it_is_closed,
        a_silent_run_is_interrupted,
        runs_come_newest_first,
        calls_are_listed_and_filtered,
        calls_are_counted_by_endpoint_and_status,
        old_calls_are_forgotten,
        old_runs_forget_their_titles,
        a_cursor_moves_and_goes,
        drift_adds_up,
    );
    contract!(budget:
        lanes_are_shared_between_processes,
        a_hold_is_for_everybody,
        a_process_that_dies_loses_its_lanes,
    );
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn record(key: Key, json: &str, fetched_at: i64) -> Record {
    let asked = format!("{key}?append_to_response=credits");
    records::record(key, json.as_bytes(), &asked, at(fetched_at)).unwrap().0
}

async fn put(store: &Store, records: &[Record]) {
    store.archive.put(records).await.unwrap();
    store.catalog.put(records).await.unwrap();
}
