"""Answers that a control endpoint has be odd, until it ends them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.pim_scene import (
    BASE,
    Scene,
    a_scene,
    items_of,
    link,
    search,
)

pytestmark = pytest.mark.anyio

LIST, SINGLE, BOTH = "products-uuid", "products-uuid/*", "products-uuid*"


async def oddly(
    scene: Scene, path: str, *done: str | Mapping[str, object], **calls: object
) -> None:
    changes = [{"does": each} if isinstance(each, str) else each for each in done]
    await scene.control("oddities", {"path": path, "done": changes, **calls})


async def evenly(scene: Scene) -> None:
    (await scene.client.delete("/_simulator/oddities")).raise_for_status()


async def uuids(scene: Scene) -> list[str]:
    return [str(each["uuid"]) for each in await scene.truth()]


def names(items: list[JsonObject]) -> list[object]:
    return [item.get("uuid") for item in items]


async def test_without_oddities_and_after_them_answers_are_byte_for_byte_the_same() -> None:
    async with a_scene(20) as scene:
        before = (await scene.get(LIST, limit="100", with_count="true")).content
        await oddly(scene, "*", "holes", "circle", {"does": "pad", "bytes": 9}, items=["*"])
        odd = (await scene.get(LIST, limit="100", with_count="true")).content
        await evenly(scene)

        assert odd != before
        assert (await scene.get(LIST, limit="100", with_count="true")).content == before


async def test_an_oddity_stands_for_its_calls_only_and_so_often() -> None:
    async with a_scene(5) as scene:
        wanted = search("enabled", "=", value=True)
        refuse = {"does": "refuse", "status": 422}
        chosen = {"field": "enabled", "operator": "="}
        await oddly(scene, LIST, refuse, search=chosen, without=["page"], times=2)

        spared = [
            await scene.get(LIST),
            await scene.get(LIST, search=search("enabled", "!=", value=True)),
            await scene.get(LIST, search=wanted, page="1"),
            await scene.get("products", search=wanted),
        ]
        hit = [(await scene.get(LIST, search=wanted)).status_code for _ in range(3)]

        assert [each.status_code for each in spared] == [200, 200, 200, 200]
        assert hit == [422, 422, 200]
        assert await scene.look("oddities") == {"oddities": []}


async def test_values_change_in_the_named_items_wherever_they_are_shown() -> None:
    async with a_scene(5) as scene:
        odd, plain = (await uuids(scene))[:2]
        changes = (
            {"does": "set", "at": "updated", "to": "-0001-11-30T00:00:00+00:00"},
            {"does": "drop", "at": "values.sku"},
            {"does": "rename", "at": "enabled", "to": "active"},
            {"does": "holes", "at": "categories"},
            {"does": "listed", "at": "associations"},
        )
        await scene.control(f"products/{odd}", {"changes": {"categories": ["lamps", "sale"]}})
        before = await scene.json(f"products-uuid/{odd}")
        await oddly(scene, BOTH, *changes, items=[odd])

        single = await scene.json(f"products-uuid/{odd}")
        listed = {item["uuid"]: item for item in await scene.items(LIST)}

        assert {name: listed[odd][name] for name in single} == single
        assert single["updated"] == "-0001-11-30T00:00:00+00:00"
        assert "sku" not in as_object(single["values"])
        assert (single["active"], "enabled" in single) == (before["enabled"], False)
        codes = as_list(before["categories"])
        assert single["categories"] == {str(2 * at): code for at, code in enumerate(codes)}
        assert isinstance(single["associations"], list)
        unchanged = await scene.json(f"products-uuid/{plain}")
        assert {name: listed[plain][name] for name in unchanged} == unchanged


async def test_every_link_to_a_file_can_name_another_host() -> None:
    async with a_scene(60) as scene:
        replace = {"does": "replace", "at": "**.href", "text": BASE, "by": "http://old.test"}
        await oddly(scene, BOTH, replace, items=["*"])

        text = (await scene.get(LIST, limit="60")).text

        assert "/media-files/" in text
        assert f'"{BASE}/api/rest/v1/media-files' not in text
        assert f'"{BASE}/api/rest/v1/products-uuid?' in text


@pytest.mark.parametrize(
    ("zone", "printed"),
    [
        ("America/New_York", "2026-03-05T12:00:00-05:00"),
        ("Europe/Paris", "2026-03-05T12:00:00+01:00"),
    ],
)
async def test_an_instant_is_misprinted_and_the_filter_is_right(zone: str, printed: str) -> None:
    async with a_scene(5) as scene:
        uuid = (await uuids(scene))[0]
        await scene.control(f"products/{uuid}", {"changes": {"enabled": False, "groups": []}})
        await scene.control(f"products/{uuid}", {"changes": {"enabled": True}})
        await oddly(scene, BOTH, {"does": "misprint", "zone": zone}, items=["*"])

        shown = await scene.json(f"products-uuid/{uuid}")
        found = await scene.items(LIST, search=search("updated", ">", "2026-03-05 11:59:59"))

        assert shown["updated"] == printed
        assert datetime.fromisoformat(printed).astimezone(UTC).hour != 12
        assert uuid in names(found)


@pytest.mark.parametrize("where", ["next", "end", "later"])
async def test_an_item_comes_twice(where: str) -> None:
    async with a_scene(6) as scene:
        first, second = (await uuids(scene))[:2]
        await oddly(scene, LIST, {"does": "double", "where": where}, items=[first], times=1)

        pages = [names(page) for page in await scene.walk(limit="2")]

        assert (
            pages[:2]
            == {
                "next": [[first, first, second], pages[1]],
                "end": [[first, second, first], pages[1]],
                "later": [[first, second], [*pages[1][:2], first]],
            }[where]
        )
        assert sum(map(len, pages)) == 7


async def test_an_item_is_left_out_or_comes_from_elsewhere() -> None:
    async with a_scene(3) as scene:
        everything = await uuids(scene)
        extra = {"does": "extra", "item": {"uuid": "not-ours"}}
        await oddly(scene, LIST, "leave_out", extra, items=everything[:1])

        assert names(await scene.items(LIST)) == ["not-ours", *everything[1:]]


async def test_a_listing_goes_in_a_circle_or_ends_early_on_one_of_its_pages() -> None:
    async with a_scene(9) as scene:
        query = {"pagination_type": "search_after", "limit": "2"}
        await oddly(scene, LIST, "circle", page=2)
        start = await scene.json(LIST, **query)
        second = await scene.json(str(link(start, "next")))
        circling = link(second, "next")
        await evenly(scene)
        await oddly(scene, LIST, "ends", page=3)
        short = await scene.walk(limit="2")
        await evenly(scene)
        await oddly(scene, LIST, "ends", page=1)
        counted = await scene.json(LIST, limit="2", with_count="true")

        assert circling == link(start, "next")
        assert len(items_of(second)) == 2
        assert len(short) == 3
        assert (counted["items_count"], link(counted, "next")) == (9, None)


async def test_pages_and_arrays_change_places() -> None:
    async with a_scene(3) as scene:
        await oddly(scene, "measurement-families", "enveloped")
        await oddly(scene, "channels", "bare")
        await oddly(scene, "locales", {"does": "keyed", "at": "_embedded.items"})

        channels = (await scene.get("channels")).json()
        locales = as_object((await scene.json("locales"))["_embedded"])["items"]

        assert items_of(await scene.json("measurement-families"))
        assert [channel["code"] for channel in channels]
        assert list(as_object(locales))[:2] == ["0", "1"]
        assert isinstance(locales, dict)


async def test_text_that_is_no_json_and_text_that_is_cut_or_large() -> None:
    async with a_scene(3) as scene:
        uuid = (await uuids(scene))[0]
        raw = {"does": "raw", "at": "enabled", "text": "NaN"}
        await oddly(scene, LIST, raw, items=[uuid])
        await oddly(scene, SINGLE, {"does": "cut"})
        await oddly(scene, "families", {"does": "pad", "bytes": 100_000})

        assert b'"enabled":NaN' in (await scene.get(LIST)).content
        cut = await scene.get(f"products-uuid/{uuid}")
        with pytest.raises(json.JSONDecodeError):
            cut.json()
        padded = await scene.get("families")
        assert len(padded.content) > 100_000
        assert items_of(padded.json())


async def test_a_bad_item_poisons_every_page_that_holds_it_and_no_other() -> None:
    async with a_scene(6) as scene:
        everything = await uuids(scene)
        await oddly(scene, LIST, {"does": "refuse", "status": 500}, items=everything[2:3])

        whole = await scene.get(LIST, limit="6")
        singles = [await scene.get(LIST, limit="1", page=str(page)) for page in range(1, 7)]

        assert whole.status_code == 500
        assert [each.status_code for each in singles] == [200, 200, 500, 200, 200, 200]
        assert (await scene.get(f"products-uuid/{everything[2]}")).status_code == 200


async def test_a_firewalls_page_stands_where_the_call_has_a_search() -> None:
    async with a_scene(3) as scene:
        refuse = {"does": "refuse", "status": 403, "html": True, "message": "<blocked>"}
        await oddly(scene, "*", refuse, query={"search": None})

        page = await scene.get(LIST, search="{}")

        assert (page.status_code, page.headers["Content-Type"][:9]) == (403, "text/html")
        assert "<blocked>" in page.text
        assert (await scene.get(LIST)).status_code == 200
        counted = as_list((await scene.look("requests"))["calls"])
        assert {as_object(call)["status"] for call in counted} == {200, 403}


async def test_an_event_tells_oddly_of_one_product() -> None:
    async with a_scene(3, webhook_use_uuid=False) as scene:
        odd, plain = (await uuids(scene))[:2]
        await oddly(scene, "events", {"does": "set", "at": "identifier", "to": "\xa0"}, items=[odd])

        for uuid in (odd, plain):
            await scene.control(f"products/{uuid}", {"changes": {"categories": ["sale"]}})

        told = [event for batch in scene.subscriber.events(scene.clock) for event in batch]
        resources = [as_object(as_object(event["data"])["resource"]) for event in told]
        identifiers = {each["uuid"]: each["identifier"] for each in resources}
        truth = {each["uuid"]: each for each in await scene.truth("identifier")}
        assert identifiers == {odd: "\xa0", plain: truth[plain]["identifier"]}


async def test_an_upgrade_makes_products_known_by_uuid() -> None:
    async with a_scene(3, identifier_only=True) as scene:
        before = (await scene.json("system-information"))["version"]
        closed = (await scene.get(LIST)).status_code
        upgrade = {"identifier_only": False, "webhook_use_uuid": True}
        told = await scene.control("version", upgrade)
        uuid = (await uuids(scene))[0]
        await scene.control(f"products/{uuid}", {"changes": {"categories": ["sale"]}})

        assert (before, closed) == ("6.0.113", 404)
        assert (await scene.json("system-information"))["version"] == told["version"] == "7.0.65"
        assert len(await scene.items(LIST)) == 3
        event = scene.subscriber.events(scene.clock)[-1][-1]
        resource = as_object(as_object(event["data"])["resource"])
        assert (resource["uuid"], "identifier" in resource) == (uuid, False)


async def test_what_cannot_be_is_refused() -> None:
    async with a_scene(1) as scene:
        bodies: list[JsonObject] = [
            {"done": []},
            {"done": [{"does": "dance"}]},
            {"done": [{"does": "set", "at": "updated"}]},
            {"done": [{"does": "set", "at": "updated", "to": 10**30}]},
            {"path": "events", "done": [{"does": "refuse"}]},
        ]
        answers = [await scene.client.post("/_simulator/oddities", json=body) for body in bodies]

        assert [each.status_code for each in answers] == [422, 422, 422, 422, 422]
        assert (await scene.client.delete("/_simulator/oddities/7")).status_code == 404
