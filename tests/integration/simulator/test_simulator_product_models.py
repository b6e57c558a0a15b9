"""Product models over HTTP: lists, single reads, filters, control, and what is delivered."""

import json
from urllib.parse import quote

import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.pim_scene import Scene, a_scene, items_of, link, search

pytestmark = pytest.mark.anyio

MODELS = 30


async def models_of(scene: Scene) -> list[JsonObject]:
    """Every model as the control endpoint lists them."""
    answer = await scene.client.get("/_simulator/models")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def roots(models: list[JsonObject], depth: int) -> list[JsonObject]:
    parents = {model["parent"] for model in models}
    found = [model for model in models if model["parent"] is None]
    return [model for model in found if (model["code"] in parents) is (depth == 2)]


async def variants_of(scene: Scene, code: object, operator: str = "=") -> list[JsonObject]:
    value = code if operator == "=" else [code]
    return await scene.items("products-uuid", search=search("parent", operator, value), limit="100")


def named(data: str) -> JsonObject:
    return {"values": {"name": [{"data": data, "locale": "en_US", "scope": None}]}}


def resources(events: list[list[JsonObject]]) -> list[tuple[object, JsonObject]]:
    return [
        (event["action"], as_object(as_object(event["data"])["resource"]))
        for delivery in events
        for event in delivery
    ]


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


async def test_a_models_change_is_one_event_with_the_whole_model() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 2)[0]
        await scene.control(f"models/{root['code']}", {"changes": named("Changed")})

        [(action, resource)] = resources(scene.subscriber.events(scene.clock))
        shown = await scene.json(f"product-models/{root['code']}")
        assert action == "product_model.updated"
        assert [*resource] == [
            *("code", "family", "family_variant", "parent", "categories", "values"),
            *("created", "updated", "associations", "quantified_associations"),
        ]
        assert resource == shown
        assert (await scene.control(f"models/{root['code']}", {"changes": {}}))["code"]
        assert len(scene.subscriber.events(scene.clock)) == 1


async def test_a_models_deletion_is_one_event_and_everything_below_it_is_gone() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 2)[0]
        variants = await variants_of(scene, root["code"])
        path = f"/_simulator/models/{str(root['code']).upper()}"
        assert (await scene.client.delete(path)).status_code == 200

        assert resources(scene.subscriber.events(scene.clock)) == [
            ("product_model.removed", {"code": root["code"]})
        ]
        for each in variants:
            assert (await scene.get(f"products-uuid/{each['uuid']}")).status_code == 404
        assert await variants_of(scene, root["code"]) == []
        assert (await scene.client.delete(path)).status_code == 404


async def test_a_model_gone_before_its_event_is_sent_is_told_as_removed_only() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 1)[0]
        await scene.control("deliveries/pause")
        await scene.control(f"models/{root['code']}", {"changes": named("x"), "wait": False})
        await scene.client.delete(f"/_simulator/models/{root['code']}")
        await scene.control("deliveries/resume")
        await scene.control("products", {"changes": {"identifier": "the last"}})

        actions = [action for action, _ in resources(scene.subscriber.events(scene.clock))]
        assert actions == ["product_model.removed", "product.created"]


async def test_forged_deliveries_tell_of_removed_models_too() -> None:
    async with a_scene(20, models=MODELS) as scene:
        await scene.control("faults", {"forge": 1.0})
        await scene.control("edits", {"operations": 40})

        genuine = scene.subscriber.genuine(scene.clock)
        forged = [each for each in scene.subscriber.got if each not in genuine]
        told = {event["action"] for each in forged for event in json.loads(each.content)["events"]}
        assert "product_model.removed" in told


async def test_a_model_is_made_with_a_sub_model_and_a_variant() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root: JsonObject = {"family_variant": "jackets_by_color_and_size", **named("A jacket")}
        blue: JsonObject = {"color": [{"data": "black", "locale": None, "scope": None}]}
        await scene.control("models/New%20One", {"changes": root})
        sub = await scene.control("models/sub", {"changes": {"parent": "new one", "values": blue}})
        variant: JsonObject = {"parent": "SUB", "identifier": "A-1"}
        made = await scene.control("products", {"changes": variant, "silent": True})

        assert (sub["parent"], sub["family"]) == ("New One", "jackets")
        assert (made["parent"], made["family"]) == ("sub", "jackets")
        assert {"name", "color", "sku"} <= as_object(made["values"]).keys()
        told = resources(scene.subscriber.events(scene.clock))
        assert [(action, each["code"]) for action, each in told] == [
            ("product_model.created", "New One"),
            ("product_model.created", "sub"),
        ]


async def test_who_gets_another_parent_is_told_of_alone() -> None:
    async with a_scene(20, models=MODELS) as scene:
        models = await models_of(scene)
        one, other = same_variant(roots(models, 2))
        sub = next(model["code"] for model in models if model["parent"] == one["code"])
        variants = await variants_of(scene, sub)
        await scene.control(f"models/{sub}", {"changes": {"parent": other["code"]}})
        await scene.control(f"products/{variants[0]['uuid']}", {"changes": {"parent": None}})

        told = resources(scene.subscriber.events(scene.clock))
        assert [(action, each["parent"]) for action, each in told] == [
            ("product_model.updated", other["code"]),
            ("product.updated", None),
        ]
        below = await variants_of(scene, other["code"])
        moved = [each for each in below if each["parent"] == sub]
        assert [each["updated"] for each in moved] == [each["updated"] for each in variants[1:]]


def same_variant(models: list[JsonObject]) -> tuple[JsonObject, JsonObject]:
    first, second, *_ = (
        model for model in models if model["family_variant"] == models[0]["family_variant"]
    )
    return first, second


async def test_a_model_is_changed_silently_and_at_an_instant_of_ones_choice() -> None:
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 1)[0]
        body = {"changes": named("x"), "silent": True, "updated": "2026-02-01T10:00:00+00:00"}
        changed = await scene.control(f"models/{root['code']}", body)

        assert changed["updated"] == "2026-02-01T10:00:00+00:00"
        assert scene.subscriber.events(scene.clock) == []


async def test_events_of_models_and_products_never_share_a_request() -> None:
    async with a_scene(20, models=MODELS) as scene:
        await scene.control("edits", {"operations": 150, "bulk": 50})

        kinds = [
            {(str(e["action"]).partition(".")[0], e["action"] in REMOVALS) for e in delivery}
            for delivery in scene.subscriber.events(scene.clock)
        ]
        assert all(len(kind) == 1 for kind in kinds)
        assert {name for kind in kinds for name, _ in kind} == {"product", "product_model"}


REMOVALS = {"product.removed", "product_model.removed"}


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
