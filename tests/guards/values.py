"""Promises about odd values and odd things: each costs only itself."""

from tests.guards.guard import FLOWS, PROPERTY, STORE, UNIT, Guard, named

_ODD = f"{UNIT}/pim/test_pim_odd_values.py"
_PART = f"{PROPERTY}/test_one_odd_part.py"

VALUES = (
    Guard(
        "an object whose keys are all digits is a list, in the order of the numbers",
        "pim/json_types.py",
        "        return [value[key] for key in sorted(value, key=int)]\n",
        "        return []\n",
        named(_ODD, "test_a_list_with_holes_is_a_list_in_the_order_of_its_numbers"),
    ),
    Guard(
        "a whole number where a code belongs is that code; a fraction or a truth value is none",
        "pim/json_types.py",
        "isinstance(value, int) and not isinstance(value, bool)",
        "isinstance(value, int | float)",
        named(_ODD, "test_only_whole_numbers_are_codes"),
    ),
    Guard(
        "a date that nobody can read costs the date, not the product",
        "pim/product/product.py",
        '        updated=parse_instant(body.get("updated")),\n',
        '        updated=datetime.fromisoformat(str(body.get("updated"))),\n',
        named(_ODD, "test_a_product_without_a_readable_date_is_a_product"),
    ),
    Guard(
        "a name that cannot be used does not condemn the one beside it",
        "pim/events.py",
        "    return code if code is not None and is_usable_key(code) else None\n",
        "    return code\n",
        named(_ODD, "test_an_event_needs_one_name_that_can_be_used"),
    ),
    Guard(
        "links that moved are written anew, though the content is the same",
        "storage/products/compare.py",
        "compared if row.source_hash == read.product.source_hash else Compared.RESTATED",
        "compared",
        named(
            f"{STORE}/test_store_sweep_pages.py",
            "test_what_is_told_otherwise_and_means_the_same_is_restated",
        ),
    ),
    Guard(
        "a new form of answers makes no change row",
        "storage/products/writing.py",
        "    if result.written is Written.UPDATED and not changed:\n",
        "    if False:\n",
        named(
            f"{STORE}/test_store_sweep_pages.py",
            "test_a_hash_of_an_older_definition_is_no_drift_and_no_change",
        ),
    ),
    Guard(
        "the other end of a two-way association is read, unless it knows",
        "storage/products/writing.py",
        "    results |= mark_partners(tx, by_key, results)\n",
        "",
        (
            *named(
                f"{STORE}/test_store_partners.py",
                "test_who_was_given_up_is_read_and_then_nobody_else",
            ),
            *named(
                f"{FLOWS}/test_odd_values.py",
                "test_the_other_end_of_a_two_way_association_is_read_in_the_same_drain",
            ),
        ),
    ),
    Guard(
        "an answer without `values` empties no document",
        "pim/reading/products.py",
        '        if not isinstance(item.get("values", ""), dict | list | None):\n',
        "        if False:\n",
        named(f"{UNIT}/pim/test_pim_bad_keys.py", "test_an_unreadable_product_fails_alone"),
    ),
    Guard(
        "what is no value of an attribute costs that attribute alone",
        "pim/product/meaning.py",
        "        if (found := entries if _is_plain(entries) else"
        " _entries(meaning, code, entries))\n",
        "        if all(map(_is_plain, as_object(value).values())) and (found := entries)\n",
        named(_PART, "test_an_odd_part_of_a_product_leaves_all_other_parts_as_they_are"),
    ),
)
