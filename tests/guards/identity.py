"""Promises about what products are called by, and about the way from identifiers to uuids."""

from tests.guards.guard import STORE, UNIT, Guard, named

_PIM = f"{UNIT}/pim"
_MOVE = f"{STORE}/test_store_key_move.py"

IDENTITY = (
    Guard(
        "no doubtful answer says what a PIM calls its products by",
        "pim/reading/discovery.py",
        "        if not is_of_a_route(error):\n            raise\n",
        "",
        named(
            f"{_PIM}/test_pim_discovery.py",
            "test_a_doubtful_answer_says_nothing_of_what_products_are_called_by",
        ),
    ),
    Guard(
        "the way back from uuids to identifiers is not gone by itself",
        "flows/run/source_facts.py",
        "        identity=Identity.UUID if begins else stored.identity,\n",
        "        identity=found.identity or stored.identity,\n",
        named(f"{UNIT}/flows/test_source_facts.py", "test_the_way_back_is_not_gone_and_is_said"),
    ),
    Guard(
        "nobody is gone because the source has no way to ask for an identifier",
        "pim/reading/by_identifier.py",
        "        elif is_of_a_route(answer.not_found):\n",
        "        elif False:\n",
        named(
            f"{_PIM}/test_pim_by_identifier.py",
            "test_without_that_route_the_search_may_find_it_and_proves_no_absence",
        ),
    ),
    Guard(
        "what is written by uuid is no second product beside the one under its identifier",
        "storage/products/writing.py",
        "    move_keys(tx, _uuids(writes), now=now)\n",
        "",
        named(_MOVE, "test_a_write_takes_over_what_was_stored_under_the_identifier"),
    ),
    Guard(
        "once products are keyed by uuid nobody writes one under its identifier",
        "storage/products/writing.py",
        "    require_identity(tx, writes)\n",
        "",
        named(_MOVE, "test_who_still_writes_under_identifiers_is_refused_and_nothing_is_lost"),
    ),
    Guard(
        "a product's events go along when its key moves",
        "storage/products/key_move.py",
        "    _move_events(tx, pairs)\n",
        "",
        named(_MOVE, "test_all_that_refers_to_a_product_goes_along_in_one_transaction"),
    ),
)
