"""Promises to those who follow the store."""

from tests.guards.guard import PROPERTY, STORE, Guard, named

_FEED = f"{STORE}/test_store_feed.py"
_FILTERS = f"{STORE}/test_store_filters.py"
_GATE = "tests/integration/api/test_api_gate.py"

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
)
