from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.simulator.pim_scene import (
    BASE,
    FLAGS,
    a_scene,
    items_of,
    link,
    search,
    sku_of,
)

pytestmark = pytest.mark.anyio


async def test_pages_by_cursor_show_every_product_once_in_the_order_of_uuids() -> None:
    async with a_scene(250) as scene:
        pages = await scene.walk(limit="100")

        uuids = [str(item["uuid"]) for page in pages for item in page]
        assert [len(page) for page in pages] == [100, 100, 50]
        assert uuids == sorted(set(uuids))
        assert len(uuids) == 250


async def test_a_list_that_fills_its_last_page_ends_with_an_empty_one() -> None:
    async with a_scene(200) as scene:
        assert [len(page) for page in await scene.walk(limit="100")] == [100, 100, 0]


async def test_links_carry_the_whole_query_and_the_pims_own_address() -> None:
    async with a_scene(50) as scene:
        wanted = search("enabled", "=", value=True)
        page = await scene.json(
            "products-uuid", pagination_type="search_after", limit="10", search=wanted, **FLAGS
        )

        following = link(page, "next")
        assert following is not None
        assert following.startswith(f"{BASE}/api/rest/v1/products-uuid?")
        query = parse_qs(urlsplit(following).query)
        assert query["search"] == [wanted]
        assert query["with_attribute_options"] == ["true"]
        assert str(items_of(page)[-1]["uuid"]) not in following
        assert link(page, "previous") is None
        assert "items_count" not in page


async def test_a_product_made_while_one_walks_is_seen_if_it_lies_ahead() -> None:
    async with a_scene(100) as scene:
        page = await scene.json("products-uuid", pagination_type="search_after", limit="60")
        await scene.control("products", {"uuid": "ffffffff-ffff-4fff-bfff-ffffffffffff"})
        await scene.control("products", {"uuid": "00000000-0000-4000-8000-000000000000"})

        rest = await scene.json(str(link(page, "next")))

        uuids = [item["uuid"] for item in items_of(rest)]
        assert len(uuids) == 41
        assert uuids[-1] == "ffffffff-ffff-4fff-bfff-ffffffffffff"


async def test_numbered_pages_count_and_lead_both_ways() -> None:
    async with a_scene(25) as scene:
        second = await scene.json("products-uuid", page="2", limit="10", with_count="true")
        third = await scene.json(str(link(second, "next")))

        assert (second["current_page"], second["items_count"]) == (2, 25)
        assert link(second, "previous") is not None
        assert link(second, "first") is not None
        assert len(items_of(third)) == 5
        assert link(third, "next") is None


async def test_without_asking_a_page_holds_ten_and_no_count() -> None:
    async with a_scene(25) as scene:
        page = await scene.json("products-uuid")

        assert len(items_of(page)) == 10
        assert "items_count" not in page


@pytest.mark.parametrize("path", ["products-uuid", "products", "families", "attributes"])
async def test_more_than_a_hundred_items_are_refused(path: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.get(path, limit="101")

        assert answer.status_code == 422
        assert answer.json() == {
            "code": 422,
            "message": "You cannot request more than 100 items.",
        }


async def test_numbered_pages_of_products_end_at_ten_thousand() -> None:
    async with a_scene(5) as scene:
        assert (await scene.get("products-uuid", page="100", limit="100")).status_code == 200
        answer = await scene.get("products-uuid", page="101", limit="100")

        assert answer.status_code == 422
        assert "maximum number of pages" in answer.json()["message"]
        assert "search after" in answer.json()["message"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "ten"},
        {"page": "-1"},
        {"pagination_type": "cursor"},
        {"pagination_type": "search_after", "search_after": "made-up"},
        {"pagination_type": "search_after", "search_after": "é"},
        {"search": '{"no_such":[{"operator":"=","value":1}]}'},
        {"scope": "no_such"},
        {"locales": "xx_XX"},
        {"attributes": "no_such"},
    ],
)
async def test_a_query_that_cannot_be_answered_is_unprocessable(query: dict[str, str]) -> None:
    async with a_scene(5) as scene:
        answer = await scene.get("products-uuid", **query)

        assert answer.status_code == 422
        assert answer.json()["code"] == 422


async def test_a_search_that_is_no_json_is_a_bad_request() -> None:
    async with a_scene(5) as scene:
        assert (await scene.get("products-uuid", search="{")).status_code == 400


async def test_by_identifier_products_without_one_are_left_out() -> None:
    async with a_scene(600) as scene:
        truth = await scene.truth()
        nameless = [each["uuid"] for each in truth if sku_of(each) is None]

        page = await scene.json("products", limit="100", with_count="true")

        assert nameless
        assert page["items_count"] == 600 - len(nameless)
        assert all(item["identifier"] for item in items_of(page))


async def test_a_scope_hides_products_outside_of_its_tree_and_values_of_others() -> None:
    async with a_scene(600) as scene:
        page = await scene.json("products-uuid", scope="print", limit="100", with_count="true")

        count = page["items_count"]
        assert isinstance(count, int)
        assert 0 < count < 600
        for item in items_of(page):
            assert isinstance(item["categories"], list)
            assert set(map(str, item["categories"])) & {"print_spring", "print_autumn"}


async def test_lists_select_by_an_index_that_is_behind_and_single_reads_are_not() -> None:
    async with a_scene(20, index_lag_seconds=5.0) as scene:
        made = await scene.control("products", {"changes": {"identifier": "BRAND-NEW"}})
        wanted = search("uuid", "IN", [made["uuid"]])

        early = await scene.items("products-uuid", search=wanted)
        single = await scene.get(f"products-uuid/{made['uuid']}")
        scene.clock.go_on(5)
        late = await scene.items("products-uuid", search=wanted)

        assert early == []
        assert single.status_code == 200
        assert [item["uuid"] for item in late] == [made["uuid"]]


async def test_what_a_list_selected_is_shown_as_the_database_has_it() -> None:
    async with a_scene(20, index_lag_seconds=5.0) as scene:
        uuids = [str(each["uuid"]) for each in await scene.truth()]
        await scene.control(f"products/{uuids[0]}", {"changes": {"identifier": "RENAMED"}})
        await scene.client.delete(f"/_simulator/products/{uuids[1]}")

        items = await scene.items("products-uuid", search=search("uuid", "IN", uuids[:3]))

        assert [item["uuid"] for item in items] == [uuids[0], uuids[2]]
        assert sku_of(items[0]) == "RENAMED"


async def test_a_damaged_index_makes_a_short_list() -> None:
    async with a_scene(50) as scene:
        uuids = [str(each["uuid"]) for each in await scene.truth()]

        await scene.control("index", {"forget": uuids[:7]})

        pages = await scene.walk(limit="100")
        assert sum(len(page) for page in pages) == 43
        assert (await scene.get(f"products-uuid/{uuids[0]}")).status_code == 200


async def test_a_pim_can_have_pages_smaller_than_asked_for() -> None:
    async with a_scene(7, most_items=3) as scene:
        pages = await scene.walk(limit="100")

        assert [len(page) for page in pages] == [3, 3, 1]
