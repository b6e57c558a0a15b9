"""Promises to those who follow the store."""

from tests.guards.guard import PROPERTY, STORE, Guard, named

_FEED = f"{STORE}/test_store_feed.py"
_FILTERS = f"{STORE}/test_store_filters.py"
_GATE = "tests/integration/api/test_api_gate.py"
_NOTIFY = "tests/integration/flows/test_notify_shops.py"

READERS = (
    Guard(
        "who sees a change has seen all of lower numbers",
        "storage/database/store.py",
        'tx.queue_for(f"append {table.name}")',
        "pass",
        named(_FEED, "test_who_draws_a_number_waits_for_the_commit_of_lower_ones"),
    ),
    Guard(
        "a document that was rendered again and shows something new is in the feed",
        "storage/products/rendering.py",
        "if changed := diff_documents(before, document.body):",
        "if changed := diff_documents(before, before):",
        (
            *named(_FEED, "test_a_rendering_is_a_change_if_it_shows_something_new"),
            *named(
                f"{PROPERTY}/test_feed_copy.py", "test_a_copy_that_follows_the_feed_is_the_store"
            ),
        ),
    ),
    Guard(
        "the same content in a document that shows something new is in the feed",
        "storage/products/writing.py",
        "changed=diff_documents(shown[write.read.key], write.document.body),",
        "changed=(),",
        named(_FEED, "test_the_same_content_in_another_document_is_a_change"),
    ),
    Guard(
        "a product that has left a reader's filter is told as gone",
        "storage/views/feed.py",
        "narrowing.narrow_text(document) for key, document in live.items()",
        "narrowing.narrow_text(document) or document for key, document in live.items()",
        (
            *named(
                _FILTERS,
                "test_the_feed_tells_what_left_as_outside_and_what_came_with_its_document",
            ),
            *named(
                f"{PROPERTY}/test_filtered_copy.py",
                "test_a_copy_that_follows_through_a_filter_is_the_filtered_store",
            ),
        ),
    ),
    Guard(
        "who was away longer than changes are kept is told so",
        "storage/products/changes.py",
        "    if after < removed_to:\n",
        "    if after < 0:\n",
        named(_FEED, "test_who_was_away_longer_than_changes_are_kept_is_told_so"),
    ),
    Guard(
        "the API tells nothing to who has no good token",
        "api/gate.py",
        'scope["path"] not in OPEN_PATHS',
        'scope["path"].startswith("/products")',
        named(_GATE, "test_nothing_is_told_without_a_good_token"),
    ),
    Guard(
        "a shop's position moves only for the sender that has its lease, from where it read",
        "storage/webhooks/sending.py",
        "        WEBHOOK.c.holder == holder,\n        WEBHOOK.c.position == webhook.position,\n",
        "",
        named(f"{STORE}/test_store_webhooks.py", "test_one_sender_at_a_time_has_it"),
    ),
    Guard(
        "a request under way confirms nothing after a person has set the position",
        "storage/webhooks/keeping.py",
        'WEBHOOK.c.replays + 1, "batch_end": None}',
        'WEBHOOK.c.replays, "batch_end": None}',
        named(_NOTIFY, "test_a_replay_is_sent_under_new_ids"),
    ),
    Guard(
        "the same changes are sent again under the same id",
        "flows/notifying/run.py",
        "batch_end=end, lease=LEASE",
        "batch_end=end + 1000, lease=LEASE",
        named(_NOTIFY, "test_what_was_not_confirmed_is_sent_again_under_the_same_id"),
    ),
    Guard(
        "what was confirmed is not sent again",
        "flows/notifying/run.py",
        "return replace(webhook, position=last, batch_end=None,",
        "return replace(webhook, batch_end=None,",
        named(_NOTIFY, "test_a_shop_is_told_all_in_order_and_nothing_twice"),
    ),
    Guard(
        "a shop whose changes are not kept any more is told so, and nothing is skipped",
        "storage/webhooks/sending.py",
        "_is_due(now), _is_free(tx), WEBHOOK.c.position != end)",
        "_is_due(now), _is_free(tx), WEBHOOK.c.position == end)",
        named(_NOTIFY, "test_a_position_whose_changes_were_removed_is_told_and_never_skipped"),
    ),
    Guard(
        "shops that fail take no place from others",
        "flows/notifying/run.py",
        "self.failing if webhook.failures else self.well:",
        "self.well:",
        named(_NOTIFY, "test_dead_shops_hold_up_no_other"),
    ),
    Guard(
        "who shows what many items say together follows a change of any of them",
        "storage/catalog/writing.py",
        "[*changed, *collected]",
        "changed",
        named(
            f"{STORE}/test_store_collected.py",
            "test_users_of_a_tree_follow_a_channel_that_comes_turns_away_and_goes",
            "test_users_of_an_entitys_options_follow_each_of_them",
        ),
    ),
    Guard(
        "the sample shop applies changes and moves its position in one step or not at all",
        "examples/shop/shelf.py",
        "            if _read_place(db).position != after:\n",
        "            if False:\n",
        named(
            "tests/integration/examples/test_sample_shop.py",
            "test_changes_and_position_move_together_or_not_at_all",
        ),
    ),
)
