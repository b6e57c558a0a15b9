"""Reference entities, records, asset families and assets of an Enterprise PIM."""

import json
from contextlib import AbstractAsyncContextManager

import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.pim_scene import BASE, Scene, a_scene, items_of, link, search

pytestmark = pytest.mark.anyio

RECORDS = "reference-entities/designer/records"
ASSETS = "asset-families/packshots/assets"


def an_enterprise(
    products: int = 40,
    records: int = 40,
    assets: int = 40,
    *,
    identifier_only: bool = False,
    saas: bool = False,
) -> AbstractAsyncContextManager[Scene]:
    return a_scene(
        products,
        edition="EE",
        records=records,
        assets=assets,
        identifier_only=identifier_only,
        saas=saas,
    )


def codes(items: list[JsonObject]) -> list[str]:
    return [str(item["code"]) for item in items]


def codes_named(product: JsonObject, attribute: str) -> list[str]:
    entries = as_list(as_object(product["values"]).get(attribute))
    named: list[str] = []
    for entry in entries:
        data = as_object(entry)["data"]
        named += [str(code) for code in (data if isinstance(data, list) else [data])]
    return named


async def walk(scene: Scene, path: str, **query: str) -> list[list[JsonObject]]:
    page = await scene.json(path, **query)
    pages = [items_of(page)]
    while (following := link(page, "next")) is not None:
        page = await scene.json(following)
        pages.append(items_of(page))
    return pages


@pytest.mark.parametrize("path", ["reference-entities", "asset-families"])
async def test_every_entity_and_asset_family_can_be_read_alone(path: str) -> None:
    async with an_enterprise() as scene:
        families = await scene.items(path)

        assert len(families) > 1
        for family in families:
            links = as_object(family.pop("_links"))
            assert as_object(links.pop("self"))["href"] == (
                f"{BASE}/api/rest/v1/{path}/{family['code']}"
            )
            alone = await scene.json(f"{path}/{family['code']}")
            assert alone.pop("_links", {}) == links
            assert alone == family


async def test_an_entity_has_labels_and_an_image_and_a_family_its_main_media() -> None:
    async with an_enterprise() as scene:
        entity = await scene.json("reference-entities/designer")
        family = await scene.json("asset-families/packshots")

        assert set(entity) == {"_links", "code", "labels", "image"}
        assert family["attribute_as_main_media"] == "picture"
        assert (family["product_link_rules"], family["naming_convention"]) == ([], {})


@pytest.mark.parametrize("path", [RECORDS, ASSETS])
async def test_things_are_listed_by_cursor_in_the_order_of_their_codes(path: str) -> None:
    async with an_enterprise(5, 400, 400) as scene:
        # Neither a limit nor another kind of paging is known here.
        pages = await walk(scene, path, limit="7", pagination_type="page")
        all_codes = [code for page in pages for code in codes(page)]

        assert [len(page) for page in pages[:-1]] == [100] * (len(pages) - 1)
        assert len(pages) > 2
        assert all_codes == sorted(set(all_codes))
        assert "items_count" not in await scene.json(path)


@pytest.mark.parametrize("path", [RECORDS, ASSETS])
async def test_a_thing_is_read_alone_in_any_case_of_its_code(path: str) -> None:
    async with an_enterprise() as scene:
        for item in await scene.items(path):
            del item["_links"]
            code = str(item["code"])
            assert await scene.json(f"{path}/{code.swapcase()}") == item
        assert (await scene.get(f"{path}/no_such")).status_code == 404


@pytest.mark.parametrize(
    "path", ["reference-entities/Workshop", "asset-families/Films", "asset-families/packshots"]
)
async def test_the_code_of_an_entity_or_a_family_is_case_sensitive(path: str) -> None:
    async with an_enterprise() as scene:
        kind, code = path.split("/")
        below = "records" if kind == "reference-entities" else "assets"

        for end in ("", "/attributes", f"/{below}"):
            assert (await scene.get(f"{path}{end}")).status_code == 200
            assert (await scene.get(f"{kind}/{code.swapcase()}{end}")).status_code == 404


async def test_values_name_a_channel_and_labels_are_values() -> None:
    async with an_enterprise() as scene:
        workshops = await scene.items("reference-entities/Workshop/records")
        values = as_object(workshops[0]["values"])

        assert {"label", "story"} <= set(values)
        for entries in values.values():
            for entry in as_list(entries):
                assert set(as_object(entry)) == {"locale", "channel", "data"}
        stories = [as_object(entry) for entry in as_list(values["story"])]
        assert {story["channel"] for story in stories} == {"ecommerce", "print"}


async def test_no_values_are_an_empty_object_and_some_records_have_no_label() -> None:
    async with an_enterprise() as scene:
        made = await scene.control("things/records/designer/nobody", {"changes": {}})
        records = await scene.items(RECORDS)

        assert made["values"] == {}
        assert await scene.json(f"{RECORDS}/nobody") == made
        assert any("label" not in as_object(record["values"]) for record in records)


async def test_the_media_of_records_and_assets_can_be_downloaded_with_a_bearer() -> None:
    async with an_enterprise() as scene:
        for path, attribute in ((RECORDS, "image"), (ASSETS, "picture")):
            first = as_object((await scene.items(path))[0]["values"])
            value = as_object(as_list(first[attribute])[0])
            href = link(value, "download")
            assert href is not None

            file = await scene.get(href)
            closed = await scene.client.get(href, headers={"Authorization": ""})

            assert str(value["data"]) in href
            assert file.headers["content-type"] == "image/png"
            assert file.content.startswith(b"\x89PNG")
            assert file.content == (await scene.get(href)).content
            assert closed.status_code == 401


async def test_attributes_and_their_options_are_plain_arrays() -> None:
    async with an_enterprise() as scene:
        for path, attribute in (("reference-entities/designer", "country"), (ASSETS[:-7], "view")):
            listed = (await scene.get(f"{path}/attributes")).json()
            options = (await scene.get(f"{path}/attributes/{attribute}/options")).json()

            assert {"label", attribute} <= {each["code"] for each in listed}
            for each in listed:
                assert await scene.json(f"{path}/attributes/{each['code']}") == each
            for option in options:
                alone = f"{path}/attributes/{attribute}/options/{option['code']}"
                assert await scene.json(alone) == option
            assert (await scene.get(f"{path}/attributes/label/options")).status_code == 404


async def test_things_are_found_by_code_and_by_the_instant_of_their_last_save() -> None:
    async with an_enterprise() as scene:
        scene.clock.go_on(60)
        changes = {"changes": {"labels": {"en_US": "Another name"}}}
        await scene.control("things/records/designer/DESIGNER_0", changes)

        async def found(field: str, operator: str, value: object) -> list[str]:
            return codes(await scene.items(RECORDS, search=search(field, operator, value)))

        everything = codes(await scene.items(RECORDS))
        assert await found("code", "IN", ["DESIGNER_0", "no_such"]) == ["designer_0"]
        assert await found("updated", ">", "2026-03-05T12:00:59Z") == ["designer_0"]
        assert await found("updated", ">", "2026-03-05T13:01:00+01:00") == []
        assert await found("updated", "SINCE LAST N DAYS", 1) == ["designer_0"]
        both = ["2026-03-05T12:01:00Z", "2026-03-05T12:02:00Z"]
        assert await found("updated", "BETWEEN", both) == ["designer_0"]
        others = await found("updated", "NOT BETWEEN", both)
        assert others == await found("updated", "<", "2026-03-05T12:01:00Z")
        assert others == [code for code in everything if code != "designer_0"]


async def test_records_with_a_label_are_complete_in_its_locale() -> None:
    async with an_enterprise() as scene:
        wanted = '{"complete":{"operator":"=","value":true,"channel":"print","locales":["fr_FR"]}}'
        complete = set(codes(await scene.items(RECORDS, search=wanted)))

        for record in await scene.items(RECORDS):
            labels = as_list(as_object(record["values"]).get("label"))
            has_french = any(as_object(label)["locale"] == "fr_FR" for label in labels)
            assert (record["code"] in complete) is has_french
        assert (await scene.get(ASSETS, search=wanted)).status_code == 422


@pytest.mark.parametrize(
    "wanted",
    [
        search("code", "NOT IN", ["x"]),
        search("updated", "=", "2026-03-05T12:00:00Z"),
        search("updated", ">", "2026-03-05 12:00:00"),
        search("updated", "BETWEEN", ["2026-03-05T12:00:00Z"]),
        search("values", "=", "x"),
    ],
)
async def test_searches_that_these_lists_do_not_know_are_refused(wanted: str) -> None:
    async with an_enterprise(1, 4, 4) as scene:
        assert (await scene.get(RECORDS, search=wanted)).status_code == 422
        assert (await scene.get(ASSETS, search=wanted)).status_code == 422


async def test_before_version_7_records_are_not_found_by_code() -> None:
    async with an_enterprise(1, 4, 4, identifier_only=True) as scene:
        by_code = search("code", "IN", ["designer_0"])
        later = search("updated", "<", "2026-03-05T12:00:00Z")

        assert (await scene.get(RECORDS, search=by_code)).status_code == 422
        assert (await scene.get(ASSETS, search=by_code)).status_code == 422
        assert (await scene.get(RECORDS, search=later)).status_code == 422
        assert (await scene.get(ASSETS, search=later)).status_code == 200


async def test_a_channel_and_locales_narrow_the_values() -> None:
    async with an_enterprise() as scene:
        path = "reference-entities/Workshop/records"
        records = await scene.items(path, channel="print", locales="en_US")

        for record in records:
            values = as_object(record["values"])
            entries = [as_object(entry) for each in values.values() for entry in as_list(each)]
            assert {entry["channel"] for entry in entries} == {None, "print"}
            assert {entry["locale"] for entry in entries} == {None, "en_US"}
        assert (await scene.get(path, channel="no_such")).status_code == 422
        assert (await scene.get(path, locales="it_IT")).status_code == 422


async def test_products_name_things_that_there_are() -> None:
    async with an_enterprise(200) as scene:
        products = await scene.truth()
        homes = {"designed_by": RECORDS, "gallery": ASSETS, "films": "asset-families/Films/assets"}

        for attribute, path in homes.items():
            described = await scene.json(f"attributes/{attribute}")
            assert str(described["reference_data_name"]) == path.split("/")[1]
            named = {code for product in products for code in codes_named(product, attribute)}
            assert named
            assert named <= set(codes(await scene.items(path)))


async def test_a_removed_thing_vanishes_from_products_without_a_word() -> None:
    """A record or asset that is gone hides at read time; the products do not move."""
    async with an_enterprise(100) as scene:
        before = await scene.truth()
        designer = next(code for each in before for code in codes_named(each, "designed_by"))
        packshot = next(code for each in before for code in codes_named(each, "gallery"))

        await scene.client.delete(f"/_simulator/things/records/designer/{designer}")
        await scene.client.delete(f"/_simulator/things/assets/packshots/{packshot}")
        after = await scene.truth()

        assert all(designer not in codes_named(each, "designed_by") for each in after)
        assert all(packshot not in codes_named(each, "gallery") for each in after)
        assert [each["updated"] for each in before] == [each["updated"] for each in after]
        assert scene.subscriber.got == []
        assert (await scene.get(f"{RECORDS}/{designer}")).status_code == 404


async def test_a_changed_thing_moves_itself_and_no_product() -> None:
    async with an_enterprise() as scene:
        before = await scene.truth()
        former = await scene.json(f"{ASSETS}/packshot_0")
        scene.clock.go_on(5)
        entry = {"locale": "en_US", "channel": "ecommerce", "data": "Seen from above"}
        changes = {"changes": {"values": {"alt_text": [entry], "view": []}}}

        changed = await scene.control("things/assets/packshots/packshot_0", changes)
        scene.clock.go_on(5)
        again = await scene.control("things/assets/packshots/packshot_0", changes)

        values = as_object(changed["values"])
        assert entry in as_list(values["alt_text"])
        assert len(as_list(values["alt_text"])) == 2
        assert "view" not in values
        assert changed["updated"] == "2026-03-05T12:00:05+00:00" != former["updated"]
        assert again == changed == await scene.json(f"{ASSETS}/packshot_0")
        assert await scene.truth() == before
        assert scene.subscriber.got == []


async def test_an_entity_takes_its_records_along_and_values_of_products() -> None:
    async with an_enterprise(100) as scene:
        await scene.client.delete("/_simulator/structure/reference-entities/designer")
        products = await scene.truth()

        assert (await scene.get(RECORDS)).status_code == 404
        assert codes(await scene.items("reference-entities")) == ["Workshop"]
        assert all(codes_named(each, "designed_by") == [] for each in products)


async def test_entities_families_and_their_attributes_can_be_made() -> None:
    async with an_enterprise() as scene:
        await scene.control("structure/reference-entities/Fabric", {"changes": {"image": None}})
        attribute = {"changes": {"type": "text", "labels": {"en_US": "Label"}}}
        await scene.control("structure/reference-entity-attributes/label?parent=Fabric", attribute)
        labels = {"changes": {"labels": {"en_US": "Denim"}}}
        await scene.control("things/records/Fabric/denim", labels)
        elsewhere = await scene.client.post("/_simulator/things/records/fabric/denim", json={})

        records = await scene.items("reference-entities/Fabric/records")
        assert codes(records) == ["denim"]
        assert as_list(as_object(records[0]["values"])["label"]) == [
            {"locale": "en_US", "channel": None, "data": "Denim"}
        ]
        assert elsewhere.status_code == 404


async def test_an_option_or_a_record_that_is_gone_hides_in_things_too() -> None:
    async with an_enterprise() as scene:
        path = "structure/asset-options/front?parent=packshots.view"
        await scene.client.delete(f"/_simulator/{path}")
        for workshop in await scene.items("reference-entities/Workshop/records"):
            await scene.client.delete(f"/_simulator/things/records/Workshop/{workshop['code']}")

        views = [as_object(each["values"]).get("view") for each in await scene.items(ASSETS)]
        designers = await scene.items(RECORDS)

        assert "front" not in str(views)
        assert "back" in str(views)
        assert all("workshop" not in as_object(each["values"]) for each in designers)


async def test_every_thing_is_told_as_its_own_address_answers() -> None:
    async with an_enterprise(1, 12, 12) as scene:
        for kind in ("records", "assets"):
            answer = await scene.client.get(f"/_simulator/things/{kind}")
            lines = answer.text.splitlines()
            assert len(lines) == 12
            for line in lines:
                thing = as_object(json.loads(line))
                root = "reference-entities" if kind == "records" else "asset-families"
                path = f"{root}/{thing.pop('family')}/{kind}/{thing['code']}"
                assert await scene.json(path) == thing


async def test_the_cloud_says_more_of_values() -> None:
    async with an_enterprise(1, 12, 40, saas=True) as scene:
        films = await scene.items("asset-families/Films/assets")
        film = as_object(as_list(as_object(films[0]["values"])["film"])[0])
        packshots = await scene.items(ASSETS)
        picture = as_object(as_list(as_object(packshots[0]["values"])["picture"])[0])

        assert film["attribute_type"] == "media_link"
        assert (
            as_object(film["linked_data"])["full_url"]
            == f"https://films.example.test/{film['data']}"
        )
        assert link(picture, "share_link") is not None
        assert packshots[0]["asset_family_code"] == "packshots"


@pytest.mark.parametrize(
    "path",
    [
        "reference-entities",
        "reference-entities/designer",
        RECORDS,
        "asset-families",
        ASSETS,
        "asset-families/packshots/attributes",
        "asset-media-files/a/b/c/d/abcd",
    ],
)
async def test_a_community_pim_knows_no_such_route(path: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.get(path)

        assert answer.status_code == 404
        assert "No route found" in str(as_object(answer.json())["message"])


async def test_the_pim_says_which_edition_it_is() -> None:
    async with an_enterprise(1, 1, 1) as scene:
        routes = as_object((await scene.json(f"{BASE}/api/rest/v1")).get("routes"))

        assert (await scene.json("system-information"))["edition"] == "EE"
        assert "reference-entities" in str(routes)


async def test_a_products_file_is_described_and_can_be_downloaded() -> None:
    async with a_scene(60) as scene:
        product = next(each for each in await scene.truth() if "image" in as_object(each["values"]))
        value = as_object(as_list(as_object(product["values"])["image"])[0])
        href = link(value, "download")
        assert href is not None

        described = await scene.json(f"media-files/{value['data']}")
        file = await scene.get(href)

        assert link(described, "download") == href
        assert (described["mime_type"], described["extension"]) == ("image/png", "png")
        assert described["size"] == len(file.content) > 0
        assert (await scene.get("media-files/no/such.png")).status_code == 404
