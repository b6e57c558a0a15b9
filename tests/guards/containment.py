"""Guards of what one odd answer may cost, from a value to everything.

An odd value is guarded in values.py; a source that does not answer at all in ordering.py ("a
source that fails costs no event an attempt").
"""

from tests.guards.guard import FLOWS, UNIT, Guard, named

_PIM = f"{UNIT}/pim"

CONTAINMENT = (
    Guard(
        "an error that nobody foresaw costs the one thing that brings it about",
        "flows/run/isolation.py",
        "    except Exception as error:\n"
        '        log.exception("%d things failed together, each is tried apart", len(things))\n'
        "        if len(things) == 1:\n",
        "    except Exception as error:\n        if things:\n",
        named(
            f"{UNIT}/flows/test_isolation.py",
            "test_an_unforeseen_error_costs_the_one_thing_that_brings_it_about",
        ),
    ),
    Guard(
        "a page that fails is halved until the bad item stands alone, and that one stepped over",
        "pim/reading/walking.py",
        "                smaller = self._smaller(query, error)\n",
        "                raise\n",
        named(
            f"{FLOWS}/test_odd_levels.py",
            "test_an_item_that_spoils_every_page_is_named_and_nothing_else_suffers",
        ),
    ),
    Guard(
        "a page is stored before its link is judged: a circle costs no page",
        "pim/reading/walking.py",
        "            return self._leave_circle(moved=before != self._last_key)\n",
        "            return None\n",
        named(f"{_PIM}/test_pim_walks.py", "test_a_link_that_leads_back_costs_no_page"),
    ),
    Guard(
        "a list that fails keeps its last state, alone",
        "flows/sweeps/structure.py",
        "        await contain_list(sweep, each.name, error)\n"
        "        return False\n"
        "    except SyncError:\n",
        "        raise\n    except SyncError:\n",
        named(
            f"{FLOWS}/test_odd_levels.py",
            "test_a_list_that_fails_keeps_its_last_state_and_all_else_goes_on",
        ),
    ),
    Guard(
        "a kind of request that is refused has another way",
        "pim/reading/product_search.py",
        "                self._refused.note_refused(SEARCH_BY_KEY, error)\n",
        "                raise\n",
        named(
            f"{FLOWS}/test_odd_levels.py",
            "test_a_firewall_that_refuses_every_search_slows_the_mirror_and_stops_nothing",
        ),
    ),
    Guard(
        "what is refused whatever is asked is the source's trouble, and no thing's",
        "pim/reading/product_search.py",
        "        if not self._searches:\n            raise blame_source(error)\n",
        "",
        (
            *named(
                f"{_PIM}/test_pim_bad_keys.py",
                "test_where_everything_is_refused_it_is_the_sources_and_no_products",
            ),
            *named(
                f"{FLOWS}/test_odd_levels.py",
                "test_where_every_product_is_refused_no_event_pays_for_it",
            ),
        ),
    ),
    Guard(
        "an alarm on a refused kind of request ends with the next full sweep",
        "flows/sweeps/run.py",
        "    if request.full and sweep.report.stood_by is None:\n",
        "    if False:\n",
        named(
            f"{FLOWS}/test_odd_levels.py",
            "test_a_firewall_that_refuses_every_search_slows_the_mirror_and_stops_nothing",
        ),
    ),
)
