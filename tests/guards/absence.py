"""Promises about what is not there, and about sweeps."""

from tests.guards.guard import FLOWS, PROPERTY, STORE, UNIT, Guard, named

_PIM = f"{UNIT}/pim"

ABSENCE = (
    Guard(
        "only the PIM's own 404 is an absence, a proxy's page is none",
        "pim/http/failures.py",
        '    return body.get("code") == status\n',
        "    return bool(body) or status == HTTPStatus.NOT_FOUND\n",
        named(f"{_PIM}/test_pim_answers.py", "test_a_404_is_an_absence_only_in_the_json_of_akeneo"),
    ),
    Guard(
        "what a search does not show is read once more by its own URL: the index lags",
        "pim/reading/product_search.py",
        "        return found | await self._read_each([key for key in keys if key not in found])\n",
        "        interval = next(\n"
        "            (it.interval for it in found.values() if isinstance(it, ProductRead)), None\n"
        "        )\n"
        "        found |= {key: ProductRead(key, interval, None) for key in keys"
        " if key not in found}\n"
        "        return found\n",
        named(
            f"{_PIM}/test_pim_reading.py",
            "test_what_the_index_does_not_show_yet_is_read_by_its_own_url",
        ),
    ),
    Guard(
        "an absence counts only in a session in which a known list has answered",
        "pim/reading/products.py",
        "        await self._known.confirm()\n",
        "",
        named(
            f"{_PIM}/test_pim_reading.py",
            "test_no_absence_is_believed_while_the_known_lists_do_not_answer",
        ),
    ),
    Guard(
        "a list of the structure that lacks much at once takes nothing out, and asks for nothing",
        "flows/sweeps/structure.py",
        "    if len(unseen) > allowed:\n",
        "    if len(unseen) > stored:\n",
        named(
            f"{FLOWS}/test_mirror_things.py",
            "test_a_list_that_lacks_much_at_once_takes_nothing_out_until_a_person_says_so",
        ),
    ),
    Guard(
        "a locale or channel switched off hides values without a word: all products are compared",
        "flows/sweeps/doubts/visibility.py",
        "        return fact is not None and fact[0] != _current(tx)\n",
        "        return fact is not None and fact[0] == _BEGUN\n",
        named(
            f"{FLOWS}/test_mirror_things.py",
            "test_a_locale_that_is_switched_off_takes_its_values_out_within_a_delta",
        ),
    ),
    Guard(
        "a delta does not walk 900 lists of options for a few changed products",
        "flows/sweeps/structure_lists.py",
        "        if pages <= left:\n",
        "        if pages:\n",
        named(
            f"{UNIT}/flows/test_structure_lists.py",
            "test_nine_hundred_lists_are_not_walked_for_a_few_changed_products",
        ),
    ),
    Guard(
        "many products that vanish without a word wait for a person",
        "flows/write_path/absence.py",
        "    return len(deletions) > allowed\n",
        "    return False\n",
        (
            *named(
                f"{PROPERTY}/test_deletions_held.py", "test_in_no_hour_go_more_than_are_allowed"
            ),
            *named(
                f"{FLOWS}/test_reconcile_repairs.py",
                "test_more_deletions_than_an_hour_allows_wait_for_a_person",
            ),
        ),
    ),
    Guard(
        "a few products that vanish are held if their neighbours are not shown either",
        "flows/write_path/absence.py",
        "        if absent - await session.read(list_announced, absent):\n"
        "            return True\n",
        "",
        named(
            f"{FLOWS}/test_lost_rights.py",
            "test_a_drain_that_sees_a_few_absences_asks_for_their_neighbours",
        ),
    ),
    Guard(
        "what a listing does not show is asked for by its key before it is deleted",
        "flows/sweeps/orphans.py",
        "        await store_products(sweep, reads.found)\n    return reads.absent\n",
        "        pass\n"
        "    return [ProductRead(read.key, read.interval, None) for read in reads.read]\n",
        named(
            f"{FLOWS}/test_reconcile_repairs.py",
            "test_products_that_a_damaged_index_does_not_list_stay",
        ),
    ),
    Guard(
        "a sweep compares content, not dates: hidden values move no `updated`",
        "storage/products/compare.py",
        "    if stored.content_hash != product.content_hash:\n        return Compared.DIFFERENT\n",
        "",
        named(f"{STORE}/test_store_sweep_pages.py", "test_a_page_is_compared_row_by_row"),
    ),
    Guard(
        "a sweep leaves nothing out that the PIM's `updated` filter returned",
        "flows/sweeps/pages.py",
        "    wanted = verdicts.of(*DIFFERS, Compared.MOVED, Compared.RESTATED)\n",
        "    wanted = {\n"
        "        read.key for read in page.reads\n"
        "        if read.key in verdicts.of(*DIFFERS, Compared.MOVED, Compared.RESTATED)\n"
        "        and ((mark := verdicts.marks.get(read.key)) is None\n"
        "             or read.product.updated > mark.updated)\n"
        "    }\n",
        named(
            f"{FLOWS}/test_misleading_tales.py",
            "test_a_delta_repairs_what_the_filter_returns_whatever_its_date",
        ),
    ),
    Guard(
        "a watermark moves only when its sweep is whole",
        "flows/sweeps/products.py",
        "        swept = await _sweep_held(sweep, listing, start, first, pages)\n",
        "        try:\n"
        "            swept = await _sweep_held(sweep, listing, start, first, pages)\n"
        "        except Exception:\n"
        "            await finish_listing(sweep, listing, start.source_started_at)\n"
        "            raise\n",
        named(
            f"{FLOWS}/test_reconcile_delta.py",
            "test_a_resumed_delta_counts_as_seen_what_its_first_run_would_have_seen",
        ),
    ),
    Guard(
        "a delta looks back by overlap and clock doubt",
        "flows/sweeps/lookback.py",
        "    return _seen_until(watermark, clocks) - margins.both\n",
        "    return _seen_until(watermark, clocks)\n",
        named(f"{UNIT}/flows/test_lookback.py", "test_it_looks_back_by_overlap_and_clock_doubt"),
    ),
    Guard(
        "a `next` link that drops a filter gets it back",
        "pim/reading/walking.py",
        "        } | dict(self._own)\n",
        "        }\n",
        named(f"{_PIM}/test_pim_listings.py", "test_our_own_filters_are_laid_over_every_link"),
    ),
    Guard(
        "the token goes to no other host by a link",
        "pim/reading/paging.py",
        "    host = _host_of(link)\n"
        '    if host not in {None, _host_of(base_url), _host_of(_href(links, "self") or "")}:\n',
        "    host = _host_of(link) or ('', None)\n    if not link:\n",
        named(
            f"{FLOWS}/test_faults_listings.py",
            "test_a_next_link_to_another_host_ends_the_sweep_and_nobody_is_called_there",
        ),
    ),
    Guard(
        "those associated with a deleted product are read again: no event tells of them",
        "storage/products/writing.py",
        "    mark_unnamed(tx, upserted, results, renamed)\n",
        "",
        named(
            f"{STORE}/test_store_catalog.py",
            "test_a_deleted_product_leaves_a_mark_for_those_associated_with_it",
        ),
    ),
    Guard(
        "whoever pointed to a removed product is read again though it was made again meanwhile",
        "flows/drain/settle.py",
        "        await session.write(mark_removed, enriched.removed, told=enriched.told)\n",
        "        pass\n",
        named(
            f"{FLOWS}/test_identity_changes.py",
            "test_who_pointed_to_a_removed_product_is_read_though_its_removal_was_covered",
        ),
    ),
    Guard(
        "a whole listing that ends early without an error moves no watermark",
        "flows/sweeps/products.py",
        "        whole = start.source_started_at if is_whole and swept.is_decided else None\n",
        "        whole = start.source_started_at if swept.is_decided else None\n",
        named(
            f"{FLOWS}/test_short_listings.py",
            "test_a_listing_that_ends_early_is_not_whole_and_says_so",
        ),
    ),
    Guard(
        "a delta notices what the source counts and the store lacks",
        "flows/sweeps/doubts/count_check.py",
        "        return TOO_FEW.format(gap=short)\n",
        "        pass\n",
        named(
            f"{FLOWS}/test_lost_rights.py",
            "test_rights_given_after_the_first_full_sweep_are_noticed_by_the_next_delta",
        ),
    ),
    Guard(
        "a position of before an upgrade of the PIM is not gone on from",
        "flows/sweeps/sweep.py",
        "            max_age=MAX_AGE if facts.get(version, now) == now else timedelta(0),\n",
        "            max_age=MAX_AGE,\n",
        named(
            f"{FLOWS}/test_short_listings.py",
            "test_a_position_lives_only_with_the_version_that_it_was_taken_under",
        ),
    ),
    Guard(
        "a removal announces a deletion in whichever chunk its event lies",
        "flows/write_path/products.py",
        "await note_announced(self.session, in_order)",
        "in_order",
        named(
            f"{FLOWS}/test_announced_deletions.py",
            "test_a_removal_announces_in_whichever_chunk_it_lies",
        ),
    ),
    Guard(
        "what is left of lost rights that came back for most is deleted by no delta",
        "flows/write_path/absence.py",
        "    if keys and len(keys) + back > await session.write(_allowance, session, keys):\n",
        "    if keys and len(keys) > await session.write(_allowance, session, keys):\n",
        named(
            f"{FLOWS}/test_announced_deletions.py",
            "test_what_is_left_of_lost_rights_that_came_back_for_most_waits_for_a_person",
        ),
    ),
    Guard(
        "a save whose time is misprinted as earlier is no outdated one",
        "flows/drain/enrich.py",
        "        clock_doubt=order_doubt(clock_doubt, printing),\n",
        "        clock_doubt=clock_doubt,\n",
        named(
            f"{FLOWS}/test_misprinted_times.py",
            "test_a_shop_whose_times_are_misprinted_is_mirrored_without_an_alarm",
        ),
    ),
    Guard(
        "`doctor` takes no answer for empty in which only the places of what is gone are",
        "pim/reading/zone_check.py",
        '            "limit": str(PAGE_LIMIT),\n',
        '            "limit": "1",\n',
        named(
            f"{UNIT}/pim/test_pim_zone_check.py",
            "test_entries_of_what_is_gone_make_a_good_zone_no_bad_one",
        ),
    ),
    Guard(
        "whose deletion is held is not read again with every chunk",
        "storage/products/referrers.py",
        "        not_(exists(held.correlate(_PRODUCT))),\n",
        "",
        named(
            f"{FLOWS}/test_referrers.py",
            "test_whose_deletion_is_held_is_left_to_a_sweep_or_a_person",
        ),
    ),
    Guard(
        "the last referrers of a burst are read as its end is near, though they are no hundred",
        "flows/write_path/marks.py",
        "rest=due < PAGE_LIMIT",
        "rest=False",
        named(
            f"{FLOWS}/test_referrers.py",
            "test_the_last_of_them_wait_while_a_whole_chunk_is_due",
        ),
    ),
    Guard(
        "referrers that an earlier run left are read by the next, whatever its chunks are about",
        "flows/drain/loop.py",
        "                await read_referrers(self.session, generation)\n",
        "",
        named(
            f"{FLOWS}/test_referrers.py",
            "test_referrers_that_a_failing_source_left_are_read_by_the_next_drain",
        ),
    ),
)
