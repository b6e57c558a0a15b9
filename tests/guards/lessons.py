"""What hurt the users of other connectors, and the tests that it cannot hurt ours."""

from dataclasses import dataclass

from tests.guards.guard import FLOWS, PROPERTY, RECEIVER, STORE, UNIT, named

_PIM = f"{UNIT}/pim"
_CLI = "tests/integration/cli"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing that hurt, and its tests (node ids); without any, `open` says why."""

    hurts: str
    tests: tuple[str, ...] = ()
    open: str = ""


LESSONS = (
    Lesson(
        "a field emptied in the PIM stays filled: the API leaves empty values out",
        (
            *named(
                f"{FLOWS}/test_misleading_tales.py",
                "test_a_field_emptied_in_the_pim_is_an_absent_key",
            ),
            *named(f"{STORE}/test_store_write_guard.py", "test_a_cleared_value_is_gone"),
        ),
    ),
    Lesson(
        "deleted products stay on sale",
        (
            *named(
                f"{FLOWS}/test_drain_outcomes.py",
                "test_a_removed_product_becomes_a_tombstone_and_an_event_brings_it_back",
            ),
            *named(
                f"{FLOWS}/test_reconcile_repairs.py",
                "test_an_orphan_is_confirmed_and_becomes_a_tombstone",
            ),
        ),
    ),
    Lesson(
        "the time of the last success is ignored, or stamped though not everything was seen",
        (
            *named(
                f"{FLOWS}/test_reconcile_delta.py",
                "test_the_watermark_stays_when_the_sweep_is_not_whole",
                "test_a_resumed_delta_counts_as_seen_what_its_first_run_would_have_seen",
            ),
            *named(
                f"{UNIT}/cli/test_cli_status_views.py",
                "test_json_tells_sweeps_refusals_and_the_next_try",
            ),
        ),
    ),
    Lesson(
        "whoever always looks back a few minutes loses what changed in a longer outage",
        (
            *named(
                f"{FLOWS}/test_lost_events.py",
                "test_fifty_edits_of_all_kinds_whose_events_are_lost_are_found_by_one_delta",
            ),
            *named(
                f"{STORE}/test_store_watermarks.py",
                "test_a_begun_sweep_leaves_watermark_and_its_clock_as_they_were",
            ),
        ),
    ),
    Lesson(
        "a job stays at work for ever, or one odd thing hangs the queue without a word",
        (
            *named(
                f"{STORE}/test_store_door.py",
                "test_a_lapsed_lease_passes_the_door_on_with_what_was_taken",
            ),
            *named(
                f"{STORE}/test_store_chunks.py",
                "test_a_chunk_that_keeps_killing_its_process_is_buried",
            ),
            *named(
                f"{UNIT}/flows/test_chunk_plan.py", "test_an_unknown_action_is_filtered_by_name"
            ),
        ),
    ),
    Lesson(
        "nobody can say why a product looks the way it does",
        (
            *named(
                f"{_CLI}/test_cli_why_command.py",
                "test_the_story_tells_what_was_said_what_was_written_and_what_is_next",
            ),
            *named(f"{_CLI}/test_why_fates.py", "test_why_tells_the_fate_of_a_product"),
            *named(
                f"{_CLI}/test_why_live.py",
                "test_what_differs_is_told_value_by_value_and_nothing_is_written",
                "test_a_pim_that_is_away_spoils_nothing_of_the_rest",
            ),
        ),
    ),
    Lesson(
        "a run is green and has done nothing",
        named(
            f"{UNIT}/flows/test_run_reports.py",
            "test_a_drain_that_settled_nothing_says_why",
            "test_a_reconcile_without_drift_says_so",
        ),
    ),
    Lesson(
        "an error says no more than that there was one",
        named(
            f"{_PIM}/test_pim_answers.py",
            "test_a_status_becomes_an_error_with_call_and_excerpt",
        ),
    ),
    Lesson(
        "many products never finish: too many calls for each, and media on the way",
        (
            *named(
                f"{_PIM}/test_pim_reading.py",
                "test_a_hundred_products_are_one_search_in_the_order_asked",
            ),
            *named(f"{_PIM}/test_pim_document_values.py", "test_a_media_file_has_its_url"),
        ),
    ),
    Lesson(
        "long lists fill the memory",
        (
            *named(
                f"{_PIM}/test_pim_listings.py",
                "test_a_listing_is_walked_to_its_end_in_pages_of_a_hundred",
            ),
            *named(
                f"{_PIM}/test_pim_hostile_answers.py",
                "test_no_more_is_taken_than_is_needed_to_know",
            ),
        ),
    ),
    Lesson(
        "an import takes days and starts again from nothing",
        named(
            f"{FLOWS}/test_reconcile_repairs.py",
            "test_an_interrupted_sweep_goes_on_where_it_stopped",
        ),
    ),
    Lesson(
        "a token, or the one that renews it, ends in the middle",
        (
            *named(
                f"{_PIM}/test_pim_auth.py",
                "test_a_token_is_renewed_ahead_of_its_end_with_the_refresh_token",
                "test_a_401_renews_the_token_and_repeats_the_call_once",
                "test_a_dead_refresh_token_falls_back_to_the_password",
            ),
            *named(
                f"{FLOWS}/test_faults_tokens.py",
                "test_a_reconcile_whose_token_ends_again_and_again_is_completed",
            ),
        ),
    ),
    Lesson(
        "page 501 of a list is refused",
        named(
            f"{_PIM}/test_pim_listings.py",
            "test_a_listing_is_walked_to_its_end_in_pages_of_a_hundred",
        ),
    ),
    Lesson(
        "the link to the next page drops a filter",
        (
            *named(f"{_PIM}/test_pim_listings.py", "test_our_own_filters_are_laid_over_every_link"),
            *named(
                f"{FLOWS}/test_faults_listings.py",
                "test_filters_and_flags_that_a_next_link_loses_are_put_back",
            ),
        ),
    ),
    Lesson(
        "a damaged index makes a list short, and what it lacks is deleted",
        (
            *named(
                f"{FLOWS}/test_faults_listings.py",
                "test_a_short_listing_deletes_nothing_and_is_an_alarm_until_the_index_is_rebuilt",
            ),
            *named(
                f"{FLOWS}/test_reconcile_repairs.py",
                "test_products_that_a_damaged_index_does_not_list_stay",
            ),
        ),
    ),
    Lesson(
        "a page of heavy products gives no answer",
        (
            *named(
                f"{_PIM}/test_pim_listings.py",
                "test_a_page_that_times_out_is_asked_for_in_smaller_pages_that_grow_again",
            ),
            *named(f"{_PIM}/test_pim_bad_keys.py", "test_a_page_that_times_out_is_halved"),
        ),
    ),
    Lesson(
        "the whole structure is walked for a few changed products",
        (
            *named(
                f"{FLOWS}/test_reconcile_delta.py",
                "test_it_repairs_changes_whose_events_were_lost_and_reads_no_more_than_needed",
            ),
            *named(
                f"{FLOWS}/test_reconcile_structure.py",
                "test_a_delta_finds_a_change_of_structure_and_moves_that_lists_watermark",
            ),
            *named(
                f"{UNIT}/flows/test_structure_lists.py",
                "test_nine_hundred_lists_are_not_walked_for_a_few_changed_products",
            ),
        ),
    ),
    Lesson(
        "a page of the operator's calls the PIM, and waits",
        named(f"{_CLI}/test_cli_views_ask_no_pim.py", "test_what_shows_the_store_asks_no_pim"),
    ),
    Lesson(
        "disabled, then enabled again: stays disabled",
        named(f"{FLOWS}/test_drain_outcomes.py", "test_disabled_and_enabled_again_ends_enabled"),
    ),
    Lesson(
        "a missing label is an error, or shown as unknown",
        (
            *named(
                f"{_PIM}/test_pim_document.py",
                "test_an_unknown_family_is_its_code",
                "test_labels_that_php_wrote_as_a_list_are_empty_labels",
            ),
            *named(
                f"{_PIM}/test_pim_document_values.py",
                "test_without_any_label_the_code_stands_alone",
            ),
            *named(f"{_PIM}/test_pim_structure.py", "test_labels_that_are_missing_stay_missing"),
        ),
    ),
    Lesson(
        "a filter hides the key, and every product is written anew under another",
        (
            *named(f"{_PIM}/test_pim_product.py", "test_keys_follow_the_identity_of_the_source"),
            *named(f"{_PIM}/test_pim_whole_reads.py", "test_no_read_hides_products_or_values"),
        ),
    ),
    Lesson(
        "errors cannot be found, taken away together, or kept",
        (
            *named(
                f"{_CLI}/test_cli_dead_letters_commands.py",
                "test_events_are_listed_newest_first_and_by_outcome",
                "test_replay_makes_dead_letters_due_again",
                "test_discard_keeps_the_note_beside_the_reason",
            ),
            *named(
                f"{STORE}/test_store_listed_events.py",
                "test_discarded_letters_keep_note_and_reason",
            ),
        ),
    ),
    Lesson(
        "a model is deleted, and no event ever tells of its variants",
        named(
            f"{FLOWS}/test_models_events.py",
            "test_a_deleted_model_takes_its_sub_models_and_variants_along_by_one_event",
        ),
    ),
    Lesson(
        "the Test button is green, and then no event ever comes",
        (
            *named(
                f"{_CLI}/test_cli_doctor_receiver.py",
                "test_silence_refusals_and_alarms_are_warned_of",
            ),
            *named(
                f"{FLOWS}/test_lost_events.py",
                "test_events_that_never_come_are_an_alarm_until_they_come_again",
            ),
        ),
    ),
    Lesson(
        "events are dropped at the PIM's hourly limit without a word",
        (
            *named(
                f"{FLOWS}/test_lost_events.py",
                "test_a_burst_of_old_events_after_a_silence_is_told_as_the_pims_quota",
            ),
            *named(
                f"{UNIT}/flows/test_delivery_signs.py",
                "test_near_4000_deliveries_within_an_hour_are_a_sign",
            ),
        ),
    ),
    Lesson(
        "of two states within one second the older is kept",
        (
            *named(
                f"{STORE}/test_store_write_guard.py",
                "test_an_inherited_change_is_written_although_updated_stands_still",
            ),
            *named(
                f"{PROPERTY}/test_ordering_sql.py",
                "test_the_same_schedules_defeat_a_guard_on_updated_alone",
            ),
        ),
    ),
    Lesson(
        "deliveries get stuck and slow as the tables grow",
        (
            *named(
                f"{STORE}/test_store_plans.py",
                "test_no_hot_statement_walks_a_table_that_grows",
            ),
            *named(
                f"{STORE}/test_store_retention.py",
                "test_old_events_go_but_dead_letters_and_open_ones_stay",
            ),
            *named(
                f"{RECEIVER}/test_receiver_durability.py",
                "test_a_delivery_waits_for_its_turn_to_write",
            ),
        ),
    ),
)
