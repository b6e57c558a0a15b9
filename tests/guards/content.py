"""Promises about who a product is and what it holds."""

from tests.guards.guard import FLOWS, STORE, UNIT, Guard, named

_PIM = f"{UNIT}/pim"

CONTENT = (
    Guard(
        "a product is its uuid: an identifier may change, be swapped, or be missing",
        "pim/product/product.py",
        "    name = uuid if identity is Identity.UUID else identifier\n",
        "    name = identifier or uuid\n",
        named(
            f"{_PIM}/test_pim_product.py",
            "test_keys_follow_the_identity_of_the_source",
            "test_the_head_of_a_product_is_taken_from_its_answer",
        ),
    ),
    Guard(
        "where an answer has no identifier at its top, it is found among the values",
        "pim/product/product.py",
        'as_code(body.get("identifier"))) or _identifier_value(',
        'as_code(body.get("identifier"))) or (lambda *_: None)(',
        named(f"{_PIM}/test_pim_product.py", "test_the_head_of_a_product_is_taken_from_its_answer"),
    ),
    Guard(
        "codes and identifiers are compared whatever their case, and kept as written",
        "storage/database/sql.py",
        "    return None if code is None else code.casefold()\n",
        "    return code\n",
        (
            *named(
                f"{STORE}/test_store_lookups.py",
                "test_identifiers_are_found_whatever_their_case_and_may_be_swapped",
            ),
            *named(
                f"{STORE}/test_store_catalog.py",
                "test_items_are_found_casefolded_and_kept_as_written",
            ),
        ),
    ),
    Guard(
        "where products are keyed by identifier, its case makes no second product",
        "pim/product/product.py",
        "name.lower() if identity is Identity.UUID else name.casefold()",
        "name.lower() if identity is Identity.UUID else name",
        named(
            f"{_PIM}/test_pim_product.py", "test_an_old_pim_keys_products_by_casefolded_identifier"
        ),
    ),
    Guard(
        "a number is never taken for a code, nor a code for a number",
        "pim/json_types.py",
        "    return value if isinstance(value, str) else None\n",
        "    return None if value is None else str(value)\n",
        named(f"{_PIM}/test_pim_canonical.py", "test_codes_are_never_made_of_numbers"),
    ),
    Guard(
        "numbers stay as the source wrote them",
        "pim/canonical.py",
        "text, parse_float=WrittenNumber, parse_int=_integer, parse_constant=_no_constant",
        "text, parse_constant=_no_constant",
        named(f"{_PIM}/test_pim_canonical.py", "test_json_comes_out_as_it_was_written"),
    ),
    Guard(
        "a map keyed 0, 1, 2 that PHP wrote as a list is a map",
        "pim/json_types.py",
        "            return {str(position): item for position, item in enumerate(value)}\n",
        "            return {}\n",
        named(f"{_PIM}/test_pim_canonical.py", "test_a_map_that_php_wrote_as_a_list_is_a_map"),
    ),
    Guard(
        "`{}` and `[]` are the same empty: PHP writes either",
        "pim/product/fingerprint.py",
        "            return _cleaned_object(value, keep_links=keep_links) or []\n",
        "            return _cleaned_object(value, keep_links=keep_links)\n",
        named(f"{_PIM}/test_pim_product.py", "test_both_empties_are_the_same_further_inside"),
    ),
    Guard(
        "a cleared value is an absent key: what is stored is replaced, never merged",
        "storage/products/writing.py",
        '    replaced = {"source": upsert.excluded.source, "document": upsert.excluded.document}\n',
        "    merge = __import__('sqlalchemy').func.json_patch\n"
        "    replaced = {name: merge(_CONTENT.c[name], upsert.excluded[name])\n"
        '                for name in ("source", "document")}\n',
        (
            *named(f"{STORE}/test_store_write_guard.py", "test_a_cleared_value_is_gone"),
            *named(
                f"{FLOWS}/test_misleading_tales.py",
                "test_a_field_emptied_in_the_pim_is_an_absent_key",
            ),
        ),
    ),
    Guard(
        "no read is narrowed to a channel, to locales or to attributes: absent means empty",
        "pim/reading/products.py",
        '    "with_completenesses": "true",\n',
        '    "with_completenesses": "true",\n    "locales": "en_US",\n',
        named(f"{_PIM}/test_pim_whole_reads.py", "test_no_read_hides_products_or_values"),
    ),
    Guard(
        "an item of the structure that is missing leaves its label out; the code is always there",
        "pim/document/parts.py",
        '        known = self.catalog.get(CatalogKind.FAMILY, "", code)\n',
        '        known = self.catalog.get(CatalogKind.FAMILY, "", code)\n'
        '        known = {"labels": {"en_US": "Unknown"}} if known is None else known\n',
        named(f"{_PIM}/test_pim_document.py", "test_an_unknown_family_is_its_code"),
    ),
    Guard(
        "what is kept of an item for all products was made of what the catalog knows, not lacks",
        "pim/document/parts.py",
        "    if not part.unknown:\n",
        "    if part.references:\n",
        named(
            f"{_PIM}/test_pim_golden_documents.py",
            "test_what_is_kept_of_a_catalog_stays_true_while_it_learns_more",
        ),
    ),
    Guard(
        "a product that brings an option's label along is drafted again with the mirrored one",
        "flows/run/catalog_cache.py",
        "            if each.unknown or each.parts",
        "            if each.unresolved() or each.parts",
        named(
            f"{FLOWS}/test_catalog_cache.py",
            "test_the_mirrored_label_counts_where_a_product_brings_one_along",
        ),
    ),
    Guard(
        "what a PIM calls its things is shown on a screen, and not obeyed by it",
        "cli/output.py",
        "    return visible(text)\n",
        "    return text\n",
        named("tests/integration/cli/test_cli_nasty_text.py", "test_no_view_obeys_it"),
    ),
    Guard(
        "an export is one object a line for every reader, whatever is in it",
        "cli/output.py",
        "visible_json(text).encode()",
        "text.encode()",
        named(
            "tests/integration/cli/test_cli_nasty_text.py",
            "test_an_export_is_one_object_a_line_for_every_reader",
        ),
    ),
)
