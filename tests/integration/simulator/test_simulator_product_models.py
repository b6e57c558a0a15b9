"""Product models over HTTP: lists, single reads, filters, family variants."""

import json
from urllib.parse import quote

import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.model_scene import (
    MODELS,
    models_of,
    named,
    roots,
    variants_of,
)
from tests.integration.simulator.pim_scene import Scene, a_scene, items_of, link, search

pytestmark = pytest.mark.anyio


async def test_a_list_of_models_shows_what_single_reads_answer_by_cursor_and_by_page() -> None:
    async with a_scene(20, models=MODELS) as scene:
        truth = await models_of(scene)
        page = await scene.json("product-models", pagination_type="search_after", limit="20")
        walked = items_of(page)
        while (following := link(page, "next")) is not None:
            page = await scene.json(following)
            walked += items_of(page)
        numbered = await scene.json("product-models", limit="100", with_count="true")

        for item in walked:
            href = str(as_object(as_object(item.pop("_links"))["self"])["href"])
            assert await scene.json(href) == item
        assert walked == truth
        assert numbered["items_count"] == len(truth)
        assert [item["code"] for item in items_of(numbered)] == [each["code"] for each in truth]


async def test_a_models_code_is_found_in_any_case_and_shown_as_it_is_stored() -> None:
    async with a_scene(20, models=MODELS) as scene:
        codes = [str(model["code"]) for model in await models_of(scene)]
        assert any("/" in code for code in codes)
        assert any(code.isdigit() for code in codes)
        for code in codes:
            found = await scene.json(f"product-models/{quote(code.swapcase(), safe='')}")
            assert found["code"] == code
        assert (await scene.get("product-models/no-such")).status_code == 404


async def test_family_variants_say_by_what_and_where_each_value_is_kept() -> None:
    async with a_scene(20, models=MODELS) as scene:
        [first, second] = await scene.items("families/jackets/variants")
        assert [level["axes"] for level in sets(first)] == [["color"], ["size"]]
        assert [level["level"] for level in sets(first)] == [1, 2]
        assert "sku" in as_list(sets(first)[1]["attributes"])
        single = await scene.json(f"families/JACKETS/variants/{str(second['code']).upper()}")
        assert single == {name: value for name, value in second.items() if name != "_links"}
        assert (await scene.get("families/jackets/variants/tents_by_color")).status_code == 404


def sets(variant: JsonObject) -> list[JsonObject]:
    return [as_object(each) for each in as_list(variant["variant_attribute_sets"])]


async def test_parent_filters_find_descendants_and_direct_children() -> None:
    async with a_scene(20, models=MODELS) as scene:
        models = await models_of(scene)
        root = roots(models, 2)[0]
        subs = [model["code"] for model in models if model["parent"] == root["code"]]

        below = await variants_of(scene, str(root["code"]).swapcase())
        assert {each["parent"] for each in below} == {*subs}
        assert await variants_of(scene, root["code"], "IN") == []
        assert {e["parent"] for e in await variants_of(scene, subs[0], "IN")} == {subs[0]}
        every = await scene.truth()
        with_parent = await counted(scene, "products-uuid", "NOT EMPTY")
        assert with_parent == sum(each["parent"] is not None for each in every)
        assert await counted(scene, "products-uuid", "EMPTY") == 20
        assert await counted(scene, "product-models", "EMPTY") == MODELS
        assert await counted(scene, "product-models", "NOT EMPTY") == len(models) - MODELS
        found = await scene.items("product-models", search=search("parent", "IN", [root["code"]]))
        assert [each["code"] for each in found] == sorted(map(str, subs), key=str.casefold)


async def counted(scene: Scene, path: str, operator: str) -> object:
    found = search("parent", operator, None)
    page = await scene.json(path, search=found, with_count="true", limit="1")
    return page["items_count"]


async def test_a_sweep_by_updated_brings_variants_whose_own_instant_is_older() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 2)[0]
        variants = await variants_of(scene, root["code"])
        await scene.control(f"models/{root['code']}", {"changes": named("Changed")})

        since = search("updated", ">", "2026-03-05 11:59:00")
        swept = await scene.items("products-uuid", search=since, limit="100")
        swept_models = await scene.items("product-models", search=since, limit="100")

        assert [each["uuid"] for each in swept] == [each["uuid"] for each in variants]
        assert [each["updated"] for each in swept] == [each["updated"] for each in variants]
        assert {each["code"] for each in swept_models if each["parent"] is None} == {root["code"]}
        assert all(str(each["updated"]) < "2026-03" for each in swept_models if each["parent"])


async def test_lists_of_models_lag_with_the_index_and_single_reads_do_not() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 1)[0]
        await scene.control("index", {"lag_seconds": 30})
        await scene.control(f"models/{root['code']}", {"changes": named("Changed")})
        since = search("updated", ">", "2026-03-05 11:59:00")

        assert await scene.items("product-models", search=since) == []
        single = await scene.json(f"product-models/{root['code']}")
        assert str(single["updated"]) > "2026-03"
        scene.clock.go_on(31)
        assert len(await scene.items("product-models", search=since)) == 1


async def test_hidden_models_are_in_no_list_and_no_event() -> None:
    async with a_scene(20, models=MODELS) as scene:
        hidden = (await scene.control("rights", {"hidden_share": 0.5}))["hidden_models"]
        code = str(as_list(hidden)[0])
        await scene.control(f"models/{quote(code)}", {"changes": {"categories": ["gifts"]}})

        shown = await scene.items("product-models", limit="100")
        assert {each["code"] for each in shown}.isdisjoint(map(str, as_list(hidden)))
        assert (await scene.get(f"product-models/{quote(code)}")).status_code == 404
        assert scene.subscriber.events(scene.clock) == []


async def test_calls_for_models_are_counted_by_kind_whatever_their_code() -> None:
    async with a_scene(20, models=MODELS) as scene:
        await scene.get("product-models/a%2Fb")
        calls = as_list((await scene.look("requests"))["calls"])
        assert [as_object(each)["path"] for each in calls] == ["/api/rest/v1/product-models/{code}"]


async def test_models_are_found_by_how_complete_their_variants_are() -> None:
    async with a_scene(20, models=MODELS) as scene:
        models = {str(model["code"]): model for model in await models_of(scene)}
        whole: dict[str, list[bool]] = {code: [] for code in models}
        for product in await scene.truth():
            done = all(
                as_object(each)["data"] == 100
                for each in as_list(product["completenesses"])
                if as_object(each)["scope"] == "print"
            )
            code = product["parent"]
            while isinstance(code, str):
                whole[code].append(done)
                code = models[code]["parent"]

        wanted = {
            "ALL COMPLETE": {code for code, each in whole.items() if each and all(each)},
            "ALL INCOMPLETE": {code for code, each in whole.items() if each and not any(each)},
            "AT LEAST COMPLETE": {code for code, each in whole.items() if any(each)},
            "AT LEAST INCOMPLETE": {code for code, each in whole.items() if not all(each)},
        }
        for operator, codes in wanted.items():
            found = search("completeness", operator, None, scope="print")
            shown = await scene.items("product-models", search=found, limit="100")
            assert {each["code"] for each in shown} == codes
            assert 0 < len(codes) < len(models)


async def test_models_show_scores_on_request_and_never_labels_of_options() -> None:
    async with a_scene(20, models=MODELS) as scene:
        asked = {"with_quality_scores": "true", "with_attribute_options": "true"}
        shown = await scene.items("product-models", limit="100", **asked)
        single = await scene.json(f"product-models/{quote(str(shown[0]['code']))}", **asked)

        scores = [as_object(score) for each in shown for score in as_list(each["quality_scores"])]
        assert {score["data"] for score in scores} <= set("ABCDE")
        assert len({(score["scope"], score["locale"]) for score in scores}) == 5
        assert single["quality_scores"] == shown[0]["quality_scores"]
        assert "linked_data" not in json.dumps(shown)
        assert not any("quality_scores" in each for each in await models_of(scene))


@pytest.mark.parametrize("field", ["enabled", "sku", "quality_score", "no_such"])
async def test_models_refuse_filters_that_they_do_not_know(field: str) -> None:
    async with a_scene(20, models=MODELS) as scene:
        answer = await scene.get("product-models", search=search(field, "=", 1))
        assert answer.status_code == 422


async def test_before_version_7_models_are_named_as_ever_and_variants_have_identifiers() -> None:
    async with a_scene(20, models=MODELS, identifier_only=True) as scene:
        root = roots(await models_of(scene), 1)[0]
        found = await scene.items("products", search=search("parent", "=", root["code"]))
        assert found
        assert all(each["identifier"] for each in found)
