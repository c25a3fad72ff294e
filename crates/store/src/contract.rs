//! The contract of each port: what its documentation says, as functions over it.
//!
//! Every database runs all of them; [`contract`] makes a test of each.

mod access;
mod archive;
mod bodies;
mod budget;
mod catalogue;
mod deletion;
mod exports;
mod finding;
mod hints;
mod history;
mod images;
mod ledger;
mod purge;
mod queue;
mod ratings;
mod replies;
mod requests;
mod schedule;
mod served;
pub(crate) mod servers;
mod upkeep;
mod workers;

use domain::{Key, Record, Timestamp};

use crate::Store;

/// Two tests for each function: on a new database of SQLite's in memory, and on one
/// of PostgreSQL's. For the archive two more: with bodies in a folder and in S3.
macro_rules! contract {
    ($port:ident: $($sentence:ident),* $(,)?) => {
        mod $port {
            $(mod $sentence { contract!(@on_databases $port $sentence); })*
        }
    };
    ($port:ident, with objects too: $($sentence:ident),* $(,)?) => {
        mod $port {
            $(
                mod $sentence {
                    contract!(@on_databases $port $sentence);
                    contract!(@on_objects $port $sentence);
                }
            )*
        }
    };
    (@on_databases $port:ident $sentence:ident) => {
        #[tokio::test]
        async fn on_sqlite() {
            let store = crate::open("sqlite::memory:").await.unwrap();
            super::super::super::$port::$sentence(&store).await;
        }

        #[tokio::test]
        async fn on_postgres() {
            let store = super::super::super::servers::postgres().await;
            super::super::super::$port::$sentence(&store).await;
        }
    };
    (@on_objects $port:ident $sentence:ident) => {
        #[tokio::test]
        async fn on_objects_in_a_folder() {
            let (store, _folder) = super::super::super::servers::in_folder().await;
            super::super::super::$port::$sentence(&store).await;
        }

        #[tokio::test]
        async fn on_objects_in_s3() {
            let (store, _s3) = super::super::super::servers::in_s3().await;
            super::super::super::$port::$sentence(&store).await;
        }
    };
}

/// As [`contract`], for two stores that are open on one database.
macro_rules! contract_of_two {
    ($port:ident: $($sentence:ident),* $(,)?) => {
        mod $port {
            $(
                mod $sentence {
                    #[tokio::test]
                    async fn on_sqlite() {
                        let folder = tempfile::tempdir().unwrap();
                        let url = format!("sqlite:{}", folder.path().join("c.db").display());
                        let (one, other) = super::super::super::two(&url).await;
                        super::super::super::$port::$sentence(&one, &other).await;
                    }

                    #[tokio::test]
                    async fn on_postgres() {
                        let url = super::super::super::servers::address().await;
                        let (one, other) = super::super::super::two(&url).await;
                        super::super::super::$port::$sentence(&one, &other).await;
                    }
                }
            )*
        }
    };
}

mod sentences {
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
        what_changed_while_leased_is_pending_again,
        a_change_is_over_once_the_task_is_leased_anew,
        a_late_workers_answer_does_not_hide_a_change,
        a_title_that_kills_its_processes_is_buried,
        a_key_tells_how_its_task_stands,
        what_somebody_waits_for_is_counted_and_leased_apart,
        a_verdict_starts_the_count_of_dead_processes_over,
        a_lease_that_is_prolonged_starts_it_over_too,
        waiting_tasks_are_counted_by_what_is_asked,
        bodies_of_old_dead_letters_are_forgotten,
        dead_letters_are_filtered_by_their_death,
    );
    contract!(archive, with objects too:
        records_are_read_many_at_once,
        the_first_record_is_created,
        an_equal_record_moves_its_version,
        a_changed_record_is_a_further_version,
        records_are_kept_in_order,
        a_key_that_comes_again_in_a_batch_is_taken_in_its_order,
        records_that_are_put_at_once_are_all_kept,
        what_came_before_is_an_earlier_version,
        heads_come_in_the_order_asked,
        a_scan_reads_every_key_once,
        a_scan_keeps_to_its_kind,
        seasons_and_episodes_have_records,
        a_suspect_is_cleared_by_a_record,
        stats_are_by_kind,
        a_dictionary_is_used_from_now_on,
        a_dictionary_that_comes_meanwhile_leaves_every_body_readable,
        any_question_comes_back_as_it_was,
    );
    contract!(history, with objects too:
        what_changed_is_listed_by_its_span,
        figures_alone_make_no_version,
        figures_leave_earlier_versions_as_they_were,
        the_same_json_in_a_newer_schema_makes_no_version,
        every_version_comes_back_however_many,
        versions_that_come_at_once_are_all_kept,
        a_late_record_takes_nothing_back,
        an_equal_record_of_a_newer_schema_is_of_that_schema,
        an_instant_has_the_version_that_was_valid,
        a_series_has_a_point_for_each_day_that_moved,
        neighbours_have_series_of_their_own,
        series_of_all_keys_are_read_day_by_day,
        an_export_moves_popularity_and_the_series,
        small_moves_are_charted_once_a_week,
        known_ids_ascend,
    );
    contract!(deletion, with objects too:
        the_first_proof_of_each_sort_counts,
        suspects_come_oldest_first,
        a_tombstone_comes_back_whole,
        a_tombstone_that_comes_after_a_record_is_not_kept,
        a_sighting_takes_one_proof_and_the_tombstone_away,
        a_record_clears_every_proof,
        freshness_tells_what_the_rules_need,
        freshness_is_read_page_by_page,
        only_a_404_or_a_tombstone_makes_doubtful,
        keys_tell_how_fresh_and_how_doubtful_they_are,
    );
    contract!(purge, with objects too:
        a_404_of_a_stranger_is_forgotten,
        what_is_too_old_goes_and_the_rest_stays_readable,
        a_version_lives_from_the_last_time_it_was_seen,
        nothing_is_left_of_a_key_that_is_too_old,
        points_of_days_that_began_too_early_go,
        a_buried_key_keeps_its_tombstone_alone,
        a_buried_show_takes_its_seasons_along,
        a_purge_takes_no_more_than_its_limit,
        a_dictionary_that_no_body_needs_goes,
        a_dictionary_that_is_too_old_goes_though_bodies_need_it,
        an_audit_finds_what_is_old_until_it_is_purged,
    );
    contract!(catalogue:
        a_work_comes_back_whole,
        a_late_record_takes_no_rows_back,
        the_newest_of_a_batch_counts,
        puts_at_once_end_with_the_newest,
        what_no_index_holds_is_kept,
        the_same_record_twice_gives_the_same_rows,
        a_rebuild_gives_the_same_rows,
        a_new_record_replaces_the_rows,
        every_filter_filters,
        every_sort_sorts,
        titles_are_sorted_by_their_bytes_but_for_case,
        pages_follow_each_other,
        all_words_must_be_there,
        a_list_is_replaced_page_by_page,
        a_shorter_list_loses_its_tail,
        every_kind_is_counted,
        what_is_unknown_is_absent,
    );
    contract!(finding:
        facets_tell_what_a_title_is_found_by,
        facets_are_read_on_from_an_instant_and_a_key,
        every_name_is_found_by_its_words,
        names_are_found_by_year_and_age_and_page_by_page,
        a_new_name_takes_the_old_ones_place,
        an_id_at_another_place_finds_what_has_it,
        the_readings_of_a_list_are_named,
    );
    contract!(exports:
        works_come_whole_in_the_order_of_their_keys,
        people_come_whole_in_the_order_of_their_ids,
        entries_come_list_by_list,
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
        runs_are_counted_by_how_they_stand,
        calls_are_listed_and_filtered,
        calls_are_counted_by_endpoint_and_status,
        old_calls_are_forgotten,
        old_runs_forget_their_titles,
        a_cursor_moves_and_goes,
        drift_adds_up,
        calls_are_counted_by_the_hour,
        all_cursors_are_listed,
    );
    contract!(served:
        what_was_asked_adds_up_by_hour_and_endpoint,
        old_hours_are_forgotten_with_the_next_note,
    );
    contract!(images:
        the_most_popular_are_listed_first_and_each_once,
        the_unpopular_and_those_without_pictures_are_left_out,
        an_image_is_held_until_it_is_forgotten,
        an_image_fetched_since_is_not_forgotten,
        a_failure_is_noted_and_ends_with_a_fetch,
        a_failed_refresh_keeps_what_is_held,
        the_least_recently_used_goes_first,
        use_never_moves_backwards,
        held_images_are_listed_by_age_and_by_key,
        old_failures_are_forgotten,
        images_are_counted_by_kind_and_size,
        the_audit_tells_the_oldest_image,
    );
    contract!(budget:
        lanes_are_shared_between_processes,
        connections_are_shared_between_processes,
        a_hold_is_for_everybody,
        a_process_that_dies_loses_its_lanes,
    );
    contract_of_two!(hints:
        a_hold_reaches_another_store,
        hints_may_be_left_waiting,
    );
    contract!(workers:
        a_worker_is_as_it_last_said,
        workers_are_listed_by_name_while_they_are_heard_of,
        a_worker_that_leaves_is_gone,
        the_silent_are_forgotten,
    );
    contract!(access:
        a_token_is_found_by_its_hash,
        a_token_keeps_its_name_when_it_is_revoked,
        a_client_is_as_it_was_made,
        a_rotated_client_has_its_old_key_for_a_while,
        a_revoked_client_is_not_rotated,
        usage_adds_up_by_day_and_client,
    );
    contract!(replies:
        the_same_question_gets_the_same_answer,
        a_key_is_for_one_question_of_one_owner,
        an_answer_is_forgotten_after_its_time,
        what_was_broken_off_begins_anew,
        the_oldest_of_too_many_answers_go,
    );
    contract!(requests:
        what_is_asked_for_waits_and_is_taken_once,
        the_longest_wait_is_taken_first,
        what_excludes_each_other_is_not_open_at_once,
        a_run_that_nobody_asked_for_excludes_while_it_is_heard_of,
        no_more_than_so_many_wait,
        what_a_dead_process_ran_is_taken_once_more,
        a_released_run_waits_again,
        a_waiting_run_is_cancelled_at_once,
        a_running_run_is_told_that_it_is_cancelled,
        a_cancelled_run_of_a_dead_process_ends,
    );
    contract!(schedule:
        one_process_leads,
        a_slot_starts_once_whoever_offers_it,
        a_former_leader_starts_nothing,
        an_entry_stands_as_it_was_left,
        what_a_dead_process_ran_starts_again,
        a_paused_entry_starts_by_a_trigger_only,
        an_entry_may_be_named_before_it_is_met,
        starts_come_newest_first,
        the_oldest_starts_are_dropped,
    );
}

async fn two(url: &str) -> (Store, Store) {
    (crate::open(url).await.unwrap(), crate::open(url).await.unwrap())
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
