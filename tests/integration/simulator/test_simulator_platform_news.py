"""Events of the Event Platform by what happened in the PIM: types, data, deltas."""

import pytest

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.news.types import BASIC_TYPES, EVENT_TYPES
from tests.integration.simulator.platform_scene import (
    CREATED,
    DELETED,
    DELTA,
    TYPE,
    PlatformScene,
    a_platform,
    subscriber_body,
    subscription_body,
)

pytestmark = pytest.mark.anyio
EVERY = sorted(EVENT_TYPES)
MODEL = {"models": 2}
ENTERPRISE = {"edition": "EE", "records": 5, "assets": 5}


def data(scene: PlatformScene, name: str) -> list[JsonObject]:
    """The data of each event of a type, without the author."""
    found = [as_object(each["data"]) for each in scene.destination.bodies() if is_of(each, name)]
    return [{key: value for key, value in each.items() if key != "author"} for each in found]


def is_of(body: JsonObject, name: str) -> bool:
    return body["type"] == f"{TYPE}{name}"


def changes(scene: PlatformScene, member: str = "product") -> JsonObject:
    (body,) = (each for each in scene.destination.bodies() if str(each["type"]).endswith(".delta"))
    return as_object(as_object(as_object(body["data"])[member])["changes"])


async def structure(scene: PlatformScene, path: str, changed: JsonObject) -> None:
    await scene.control(f"structure/{path}", {"changes": changed})


async def test_a_family_an_attribute_a_group_and_a_category_are_told_by_their_code() -> None:
    async with a_platform(BASIC_TYPES) as scene:
        for kind, code in (
            ("attributes", "shine"),
            ("attribute-groups", "looks"),
            ("categories", "sale"),
            ("families", "novelties"),
        ):
            await structure(scene, f"{kind}/{code}", {"labels": {"en_US": "A"}})
            await structure(scene, f"{kind}/{code}", {"labels": {"en_US": "B"}})
            await structure(scene, f"{kind}/{code}", {"labels": {"en_US": "B"}})
            await scene.scene.client.delete(f"/_simulator/structure/{kind}/{code}")

        for kind, member, code in (
            ("attribute", "attribute", "shine"),
            ("attribute-group", "attribute_group", "looks"),
            ("category", "category", "sale"),
            ("family", "family", "novelties"),
        ):
            for action in ("created", "updated", "deleted"):
                assert data(scene, f"{kind}.{action}") == [{member: {"code": code}}]


async def test_an_option_names_its_attribute() -> None:
    async with a_platform(BASIC_TYPES) as scene:
        await structure(scene, "options/night_blue?parent=color", {"labels": {"en_US": "R"}})

        expected = {"attribute_option": {"code": "night_blue", "attribute": {"code": "color"}}}
        assert data(scene, "attribute-option.updated") == [expected]


async def test_an_attribute_more_or_less_in_a_family_is_not_told() -> None:
    async with a_platform(BASIC_TYPES) as scene:
        (family, *_) = await scene.scene.items("families")
        await structure(scene, f"families/{family['code']}", {"attributes": ["sku"]})

        assert scene.destination.got == []


@pytest.mark.parametrize("path", ["channels/ecommerce", "association-types/UPSELL"])
async def test_other_parts_of_the_structure_have_no_events(path: str) -> None:
    async with a_platform(EVERY) as scene:
        await structure(scene, path, {"labels": {"en_US": "Other"}})

        assert scene.destination.got == []


async def test_a_silent_change_of_the_structure_is_told_to_nobody() -> None:
    async with a_platform(EVERY) as scene:
        path = "structure/categories/sale"
        await scene.control(path, {"changes": {"labels": {"en_US": "A"}}, "silent": True})
        await scene.scene.client.delete(f"/_simulator/{path}?silent=true")

        assert scene.destination.got == []


async def test_records_and_assets_name_what_they_belong_to() -> None:
    async with a_platform(BASIC_TYPES, pim=ENTERPRISE) as scene:
        for kind in ("records", "assets"):
            path = f"things/{kind}/{await a_family(scene, kind)}/neu"
            await scene.control(path, {"changes": {"labels": {"en_US": "A"}}})
            await scene.control(path, {"changes": {"labels": {"en_US": "B"}}})
            await scene.scene.client.delete(f"/_simulator/{path}")

        for name, member, parent in (
            ("reference-entity-record", "reference_entity_record", "reference_entity"),
            ("asset", "asset", "asset_family"),
        ):
            for action in ("created", "updated", "deleted"):
                (told,) = data(scene, f"{name}.{action}")
                thing = as_object(told[member])
                assert thing["code"] == "neu"
                assert as_object(thing[parent])["code"]


async def a_family(scene: PlatformScene, kind: str) -> str:
    lists = {"records": "reference-entities", "assets": "asset-families"}
    (first, *_) = await scene.scene.items(lists[kind])
    return str(first["code"])


async def test_an_assets_delta_has_channels() -> None:
    async with a_platform([f"{TYPE}asset.updated.delta"], pim=ENTERPRISE) as scene:
        path = f"things/assets/{await a_family(scene, 'assets')}/neu"
        await scene.control(path, {"changes": {"labels": {"en_US": "A"}}})
        await scene.control(path, {"changes": {"labels": {"en_US": "B"}}})

        values = as_object(changes(scene, "asset")["values"])
        (entry,) = as_list(values["label"])
        told = as_object(entry)
        assert (told["previous"], told["new"], told["locale"]) == ("A", "B", "en_US")
        assert told["channel"] is None
        assert "scope" not in told


async def test_random_edits_tell_of_models_records_and_assets_too() -> None:
    async with a_platform(BASIC_TYPES, pim={**ENTERPRISE, **MODEL}, products=30) as scene:
        await scene.control("edits", {"operations": 150})

        kinds = {name.rpartition(".")[0] for name in scene.destination.types()}
        assert kinds >= {"product", "product-model", "asset", "reference-entity-record"}


async def test_models_are_told_by_their_code() -> None:
    async with a_platform(BASIC_TYPES, pim=MODEL) as scene:
        (code, *_) = await models(scene)
        await scene.control(f"models/{code}", {"changes": {"categories": ["new_arrivals"]}})
        await scene.scene.client.delete(f"/_simulator/models/{code}")

        assert scene.destination.types() == ["product-model.updated", "product-model.deleted"]
        assert data(scene, "product-model.updated") == [{"product_model": {"code": code}}]


async def models(scene: PlatformScene) -> list[str]:
    return [
        str(each["code"])
        for each in await scene.scene.items("product-models")
        if not each["parent"]
    ]


async def test_variants_are_told_of_a_change_or_removal_above_them_by_settings_only() -> None:
    for is_told in (False, True):
        async with a_platform(
            BASIC_TYPES,
            pim=MODEL,
            variant_events_on_parent_change=is_told,
            variant_events_on_parent_delete=is_told,
        ) as scene:
            (code, *_) = await models(scene)
            await scene.control(f"models/{code}", {"changes": {"categories": ["new_arrivals"]}})
            updated = scene.destination.types().count("product.updated")
            await scene.scene.client.delete(f"/_simulator/models/{code}")
            deleted = scene.destination.types().count("product.deleted")

            assert (updated > 0, deleted > 0) == (is_told, is_told)
            assert updated == deleted


async def test_a_delta_tells_what_changed() -> None:
    async with a_platform([DELTA]) as scene:
        truth = (await scene.scene.truth())[0]
        uuid = str(truth["uuid"])
        await scene.change(uuid, {"values": {"price": [], "weight": []}, "categories": []})
        scene.destination.got.clear()
        await scene.change(
            uuid,
            {
                "enabled": not truth["enabled"],
                "categories": ["new_arrivals"],
                "identifier": "OTHER",
                "values": {
                    "name": [{"data": "Arc lamp", "locale": "en_US", "scope": None}],
                    "price": plain([{"amount": "9.90", "currency": "EUR"}]),
                    "weight": plain({"amount": 2, "unit": "KILOGRAM"}),
                },
            },
        )

        found = changes(scene)
        values = as_object(found["values"])
        assert found["enabled"] == {"previous": truth["enabled"], "new": not truth["enabled"]}
        assert found["categories"] == {"added": ["new_arrivals"], "removed": []}
        name = as_object(as_list(values["name"])[0])
        assert (name["new"], name["type"], name["locale"]) == (
            *("Arc lamp", "pim_catalog_text", "en_US"),
        )
        price = as_object(as_list(values["price"])[0])
        assert price["type"] == "pim_catalog_price"
        assert (price["previous"], price["new"]) == (None, {"amount": "9.90", "currency": "EUR"})
        weight = as_object(as_list(values["weight"])[0])
        assert weight["new"] == {"data": 2, "unit": "KILOGRAM"}
        sku = as_object(as_list(values["sku"])[0])
        assert sku["new"] == {"data": "OTHER", "is_main_identifier": True}


def plain(value: JsonValue) -> JsonValue:
    return [{"data": value, "locale": None, "scope": None}]


async def test_a_delta_tells_of_associations_added_and_removed() -> None:
    async with a_platform([DELTA]) as scene:
        uuid, other, third = [await scene.a_uuid(position) for position in range(3)]
        await scene.change(uuid, {"associations": {"UPSELL": {"products": [other]}}})
        scene.destination.got.clear()
        await scene.change(
            uuid,
            {
                "associations": {"UPSELL": {"products": [third]}},
                "quantified_associations": {
                    "PRODUCT_SET": {"products": [{"uuid": other, "quantity": 2}]}
                },
            },
        )

        found = changes(scene)
        upsell = as_object(as_object(found["associations"])["UPSELL"])
        assert as_object(upsell["added"])["products"] == [third]
        assert as_object(upsell["removed"])["products"] == [other]
        counted = as_object(as_object(found["quantified_associations"])["PRODUCT_SET"])
        assert {"uuid": other, "quantity": 2} in as_list(as_object(counted["added"])["products"])


async def test_filters_on_attributes_and_places_look_into_deltas() -> None:
    async with a_platform([DELTA], url=None, activation_delay_s=0.0) as scene:
        await subscribe(scene, [DELTA], 'attribute="name" and locale="de_DE"')
        uuid = await scene.a_uuid()
        for locale, text in (("en_US", "A"), ("de_DE", "B")):
            entry: JsonObject = {"data": text, "locale": locale, "scope": None}
            await scene.change(uuid, {"values": {"name": [entry]}})

        assert len(scene.destination.got) == 1


async def subscribe(scene: PlatformScene, events: list[str], text: str) -> None:
    owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
    body = subscription_body(events, filter=text)
    await scene.managed("POST", f"subscribers/{owner['id']}/subscriptions", body, expect=201)


async def test_a_product_that_becomes_complete_or_incomplete_is_told_without_an_author() -> None:
    kinds = [f"{TYPE}product.became-complete", f"{TYPE}product.became-incomplete"]
    async with a_platform(kinds, products=40) as scene:
        product, place = await a_complete_product(scene)
        name = {"data": None, "locale": place["locale"], "scope": None}
        former = next(
            as_object(each)
            for each in as_list(as_object(product["values"])["name"])
            if as_object(each)["locale"] == place["locale"]
        )
        uuid = str(product["uuid"])
        await scene.change(uuid, {"values": {"name": [name]}})
        await scene.change(uuid, {"values": {"name": [{**name, "data": former["data"]}]}})

        gone, back = scene.destination.bodies()
        told = as_object(as_object(gone["data"])["product"])
        assert gone["type"] == kinds[1]
        assert place in as_list(told["incomplete_on"])
        assert place in as_list(as_object(as_object(back["data"])["product"])["complete_on"])
        assert "author" not in as_object(gone["data"])


async def a_complete_product(scene: PlatformScene) -> tuple[JsonObject, JsonObject]:
    for product in await scene.scene.truth():
        for each in map(as_object, as_list(product["completenesses"])):
            if each["data"] == 100:
                return product, {"locale": each["locale"], "scope": each["scope"]}
    raise AssertionError("no product is complete")


async def test_a_models_change_tells_of_the_completeness_of_its_variants() -> None:
    kinds = [f"{TYPE}product.became-complete", f"{TYPE}product.became-incomplete"]
    async with a_platform(kinds, pim={"models": 12}, products=0) as scene:
        for code in await models(scene):
            await scene.control(f"models/{code}", {"changes": {"values": {"name": []}}})

        assert scene.destination.types()
        assert set(scene.destination.types()) == {"product.became-incomplete"}


async def test_an_author_of_completeness_is_named_by_a_setting() -> None:
    kinds = [f"{TYPE}product.became-incomplete"]
    async with a_platform(kinds, products=40, author_on_completeness=True) as scene:
        product, place = await a_complete_product(scene)
        name = {"data": None, "locale": place["locale"], "scope": None}
        await scene.change(str(product["uuid"]), {"values": {"name": [name]}})

        (body,) = scene.destination.bodies()
        assert as_object(as_object(body["data"])["author"])["type"] == "user"


async def test_what_the_connection_may_not_see_is_told_unless_a_setting_says_otherwise() -> None:
    for is_told in (True, False):
        async with a_platform(events_for_invisible_products=is_told) as scene:
            uuid = await scene.a_uuid()
            await scene.control("rights", {"hidden_share": 1.0})
            await scene.change(uuid, {"identifier": "X"})

            assert len(scene.destination.got) == int(is_told)


async def test_only_types_that_were_asked_for_are_told() -> None:
    async with a_platform([CREATED, DELETED]) as scene:
        await scene.edit()

        assert scene.destination.got == []


def test_there_are_thirty_nine_types() -> None:
    assert len(EVENT_TYPES) == 39
