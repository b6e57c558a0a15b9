import httpx
import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.pim_scene import Scene, a_scene, items_of, search

pytestmark = pytest.mark.anyio

LISTS = [
    "families",
    "attributes",
    "attribute-groups",
    "categories",
    "channels",
    "locales",
    "currencies",
    "association-types",
]


async def by_code(scene: Scene, path: str, **query: str) -> dict[str, JsonObject]:
    found = await scene.items(path, limit="100", **query)
    return {str(each["code"]): each for each in found}


@pytest.mark.parametrize("path", LISTS)
async def test_every_item_of_a_list_can_be_read_alone(path: str) -> None:
    async with a_scene(5) as scene:
        items = await by_code(scene, path)

        assert items
        for code, item in items.items():
            item.pop("_links")
            assert await scene.json(f"{path}/{code}") == item
        assert (await scene.get(f"{path}/no_such")).status_code == 404


async def test_options_belong_to_select_attributes() -> None:
    async with a_scene(5) as scene:
        colors = await by_code(scene, "attributes/color/options")

        assert len(colors) > 5
        assert (await scene.json("attributes/color/options/SAND"))["code"] == "sand"
        for path in ("attributes/color/options/no_such", "attributes/name/options"):
            assert (await scene.get(path)).status_code == 404


async def test_labels_are_incomplete_and_empty_maps_are_lists() -> None:
    async with a_scene(5) as scene:
        groups = await by_code(scene, "attribute-groups")
        options = await by_code(scene, "attributes/energy_class/options")

        assert groups["other"]["labels"] == []
        assert options["A"]["labels"] == {"en_US": "A"}


async def test_families_name_their_attributes_and_requirements() -> None:
    async with a_scene(5) as scene:
        family = (await by_code(scene, "families"))["tents"]

        assert 10 <= len(as_list(family["attributes"])) <= 25
        assert {"ecommerce", "print"} == as_object(family["attribute_requirements"]).keys()
        assert items_of(await scene.json("families/tents/variants")) == []
        assert (await scene.get("families/no_such/variants")).status_code == 404
        assert (await scene.get("families/tents/variants/no_such")).status_code == 404


async def test_categories_are_a_tree_of_four_levels() -> None:
    async with a_scene(5) as scene:
        categories = await by_code(scene, "categories", with_position="true")

        path, code = [], "tents"
        while code != "None":
            path.append(code)
            code = str(categories[code]["parent"])
        assert path == ["tents", "camping", "outdoor", "master"]
        assert categories["home"]["position"] == 2
        assert str(categories["home"]["updated"]).endswith("+00:00")


async def test_measurement_families_are_a_plain_array() -> None:
    async with a_scene(5) as scene:
        families = (await scene.get("measurement-families")).json()

        assert isinstance(families, list)
        assert "KILOGRAM" in next(each for each in families if each["code"] == "Weight")["units"]


async def test_a_shop_without_product_models_has_empty_lists_of_them() -> None:
    async with a_scene(5) as scene:
        assert await scene.items("product-models") == []
        by_cursor = await scene.json("product-models", pagination_type="search_after")
        assert items_of(by_cursor) == []
        assert "current_page" not in by_cursor


@pytest.mark.parametrize("path", ["reference-entities", "asset-families", "media-files"])
async def test_a_community_pim_has_no_such_route(path: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.get(path)

        assert answer.status_code == 404
        assert answer.json()["code"] == 404


@pytest.mark.parametrize("path", ["", "/system-information"])
async def test_what_the_pim_says_of_itself_needs_no_bearer(path: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.get(f"/api/rest/v1{path}", headers={"Authorization": ""})

        assert answer.status_code == 200


async def test_the_pim_says_its_version_edition_and_routes() -> None:
    async with a_scene(5) as scene:
        assert await scene.json("system-information") == {"version": "7.0.65", "edition": "CE"}
        root = (await scene.client.get("/api/rest/v1")).json()
        assert "pim_api_product_uuid_list" in root["routes"]


async def test_structure_is_filtered_by_code_type_and_tree() -> None:
    async with a_scene(5) as scene:
        tents = await by_code(scene, "families", search=search("code", "IN", ["TENTS", "x"]))
        selects = await by_code(
            scene, "attributes", search=search("type", "IN", ["pim_catalog_simpleselect"])
        )
        camping = await by_code(scene, "categories", search=search("parent", "=", "camping"))
        is_root = search("is_root", "=", value=True)
        roots = await by_code(scene, "categories", search=is_root)
        on = await by_code(scene, "locales", search=search("enabled", "=", value=True))

        assert [*tents] == ["tents"]
        assert "color" in selects
        assert "name" not in selects
        assert "tents" in camping
        assert [*roots] == ["master", "print_catalogue"]
        assert sorted(on) == ["de_DE", "en_US", "fr_FR"]


async def test_families_with_products_can_be_told_from_those_without() -> None:
    async with a_scene(2) as scene:
        used = {str(each["family"]) for each in await scene.truth()} - {"None"}

        found = await by_code(scene, "families", search=search("has_products", "=", value=True))

        assert set(found) == used


async def test_updated_takes_an_instant_with_a_zone_and_is_strict() -> None:
    async with a_scene(5) as scene:
        scene.clock.go_on(60)
        labels = {"changes": {"labels": {"en_US": "Shelters"}}}
        await scene.control("structure/families/tents", labels)

        before = search("updated", ">", "2026-03-05T12:00:59Z")
        same = search("updated", ">", "2026-03-05T13:01:00+01:00")

        assert [*await by_code(scene, "families", search=before)] == ["tents"]
        assert await by_code(scene, "families", search=same) == {}


async def refused(scene: Scene, path: str, wanted: str) -> httpx.Response:
    answer = await scene.get(path, search=wanted)
    assert answer.status_code == 422
    return answer


async def test_each_list_refuses_filters_it_does_not_know() -> None:
    async with a_scene(5) as scene:
        await refused(scene, "families", search("updated", ">", "2026-03-05 12:00:00"))
        await refused(scene, "families", search("updated", ">", "2026-03-05T12:00:00"))
        await refused(scene, "families", search("updated", "<", "2026-03-05T12:00:00Z"))
        await refused(scene, "families", search("labels", "=", "x"))
        await refused(scene, "channels", search("code", "IN", ["print"]))
        await refused(scene, "association-types", search("code", "IN", ["PACK"]))
        await refused(scene, "attributes", search("is_main_identifier", "=", value=True))


async def test_a_changed_label_shows_in_products_without_moving_them() -> None:
    async with a_scene(50) as scene:
        before = await scene.truth()
        labels = {"changes": {"labels": {"en_US": "Quite another brand"}}}
        for brand in await by_code(scene, "attributes/brand/options"):
            await scene.control(f"structure/options/{brand}?parent=brand", labels)

        after = await scene.truth()

        assert "Quite another brand" in str(after)
        assert [each["updated"] for each in before] == [each["updated"] for each in after]
        assert scene.subscriber.got == []


async def test_an_option_can_be_made_and_taken_away() -> None:
    async with a_scene(5) as scene:
        path = "structure/options/teal?parent=color"
        await scene.control(path, {"changes": {"labels": {"en_US": "Teal"}}})

        made = await scene.json("attributes/color/options/teal")
        await scene.client.delete(f"/_simulator/{path}")
        gone = await scene.get("attributes/color/options/teal")
        again = await scene.client.delete(f"/_simulator/{path}")

        assert (made["attribute"], made["labels"]) == ("color", {"en_US": "Teal"})
        assert gone.status_code == again.status_code == 404


async def test_the_options_of_a_tables_columns_are_shown_on_request() -> None:
    async with a_scene(1, edition="EE") as scene:

        async def columns(path: str, **query: str) -> list[JsonObject]:
            table = await scene.json(path, **query)
            return [as_object(column) for column in as_list(table["table_configuration"])]

        bare = await columns("attributes/composition")
        full = await columns("attributes/composition", with_table_select_options="true")
        listed = await by_code(scene, "attributes", with_table_select_options="true")

        assert [column["data_type"] for column in bare][:2] == ["select", "number"]
        assert all("options" not in column for column in bare)
        assert {
            "code": "cotton",
            "labels": {"en_US": "Cotton", "de_DE": "Baumwolle", "fr_FR": "Coton"},
        } in as_list(full[0]["options"])
        assert listed["composition"]["table_configuration"] == full


async def test_before_version_7_newer_parameters_and_filters_of_lists_are_unknown() -> None:
    async with a_scene(3, edition="EE", identifier_only=True) as scene:
        table = await scene.json("attributes/composition", with_table_select_options="true")
        categories = await by_code(scene, "categories", with_position="true")

        assert "options" not in as_object(as_list(table["table_configuration"])[0])
        assert all("position" not in category for category in categories.values())
        await refused(scene, "families", search("has_products", "=", value=True))


async def test_the_cloud_says_which_of_several_identifiers_is_the_main_one() -> None:
    async with a_scene(3, every_type=True, saas=True) as scene:
        identifiers = await by_code(
            scene, "attributes", search=search("type", "IN", ["pim_catalog_identifier"])
        )
        main = await by_code(
            scene, "attributes", search=search("is_main_identifier", "=", value=True)
        )

        assert {code: each["is_main_identifier"] for code, each in identifiers.items()} == {
            "sku": True,
            "mpn": False,
        }
        assert [*main] == ["sku"]


@pytest.mark.parametrize("path", LISTS)
async def test_items_of_every_list_can_be_changed_made_and_taken_away(path: str) -> None:
    """Whatever changes in the structure is told by no event, and moves no product."""
    async with a_scene(20) as scene:
        before = [each["updated"] for each in await scene.truth()]
        known = next(iter(await by_code(scene, path)))
        changes = {"changes": {"labels": {"en_US": "Another label"}}}

        changed = await scene.control(f"structure/{path}/{known.upper()}", changes)
        made = await scene.control(f"structure/{path}/new_one", changes)
        listed = await by_code(scene, path)
        await scene.client.delete(f"/_simulator/structure/{path}/{known}")

        assert (changed["code"], made["code"]) == (known, "new_one")
        assert as_object(listed[known]["labels"])["en_US"] == "Another label"
        assert "new_one" in listed
        assert (await scene.get(f"{path}/{known}")).status_code == 404
        assert [each["updated"] for each in await scene.truth()] == before
        assert scene.subscriber.got == []


async def test_a_measurement_family_can_be_changed_made_and_taken_away() -> None:
    async with a_scene(1) as scene:
        labels = {"changes": {"labels": {"fr_FR": "Poids"}}}
        await scene.control("structure/measurement-families/weight", labels)
        await scene.control("structure/measurement-families/Density", {"changes": {"units": {}}})
        await scene.client.delete("/_simulator/structure/measurement-families/Length")

        families = {each["code"]: each for each in (await scene.get("measurement-families")).json()}

        assert families["Weight"]["labels"]["fr_FR"] == "Poids"
        assert "Density" in families
        assert "Length" not in families


async def test_a_removed_category_leaves_products_with_all_that_is_below_it() -> None:
    """A deleted category is told by no event, and no product's `updated` moves."""
    async with a_scene(100, models=10) as scene:
        before = await scene.truth()
        await scene.client.delete("/_simulator/structure/categories/outdoor")
        after = await scene.truth()
        left = set(await by_code(scene, "categories"))

        assert any("tents" in as_list(each["categories"]) for each in before)
        assert {"outdoor", "camping", "tents"}.isdisjoint(left)
        for product in after:
            assert set(map(str, as_list(product["categories"]))) <= left
        assert [each["updated"] for each in before] == [each["updated"] for each in after]
        assert scene.subscriber.got == []


async def test_a_removed_family_leaves_its_products_with_their_values() -> None:
    async with a_scene(60) as scene:
        before = {each["uuid"]: each for each in await scene.truth()}
        of_it = [uuid for uuid, each in before.items() if each["family"] == "tents"]
        await scene.client.delete("/_simulator/structure/families/tents")
        after = {each["uuid"]: each for each in await scene.truth()}

        assert of_it
        for uuid in of_it:
            assert after[uuid]["family"] is None
            assert after[uuid]["values"] == before[uuid]["values"]
            assert after[uuid]["updated"] == before[uuid]["updated"]


async def test_a_removed_attribute_leaves_families_groups_and_values() -> None:
    async with a_scene(40) as scene:
        await scene.client.delete("/_simulator/structure/attributes/brand")
        families = await by_code(scene, "families")
        groups = await by_code(scene, "attribute-groups")

        assert (await scene.get("attributes/brand/options")).status_code == 404
        for family in families.values():
            required = as_object(family["attribute_requirements"]).values()
            assert "brand" not in as_list(family["attributes"])
            assert all("brand" not in as_list(codes) for codes in required)
        assert all("brand" not in as_list(group["attributes"]) for group in groups.values())
        assert all("brand" not in as_object(each["values"]) for each in await scene.truth())


async def test_a_locale_is_on_as_long_as_a_channel_has_it() -> None:
    async with a_scene(60) as scene:
        french = {"changes": {"locales": ["en_US", "de_DE"]}}
        await scene.control("structure/channels/ecommerce", french)
        off = await by_code(scene, "locales", search=search("enabled", "=", value=False))
        shown = str(await scene.truth())
        await scene.control("structure/channels/print", {"changes": {"locales": ["fr_FR"]}})
        on = await by_code(scene, "locales", search=search("enabled", "=", value=True))

        assert "fr_FR" in off
        assert '"locale": "fr_FR"' not in shown.replace("'", '"')
        assert set(on) == {"en_US", "de_DE", "fr_FR"}
