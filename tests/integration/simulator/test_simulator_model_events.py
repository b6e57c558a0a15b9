"""Product models changed by control endpoints, and what is delivered of it."""

import json

import pytest

from pim.json_types import JsonObject, as_object
from tests.integration.simulator.model_scene import (
    MODELS,
    models_of,
    named,
    resources,
    roots,
    variants_of,
)
from tests.integration.simulator.pim_scene import a_scene

pytestmark = pytest.mark.anyio


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


async def test_nothing_tells_of_a_product_that_became_a_variant_just_before_its_model_went() -> (
    None
):
    async with a_scene(20, models=MODELS) as scene:
        root = roots(await models_of(scene), 1)[0]
        product = (await variants_of(scene, root["code"]))[0]["uuid"]
        await scene.control(f"products/{product}", {"changes": {"parent": None}, "silent": True})
        await scene.control("deliveries/pause")
        body = {"changes": {"parent": root["code"]}, "wait": False}
        await scene.control(f"products/{product}", body)
        await scene.client.delete(f"/_simulator/models/{root['code']}")
        await scene.control("deliveries/resume")
        await scene.control("products", {"changes": {"identifier": "the last"}})

        told = resources(scene.subscriber.events(scene.clock))
        assert (await scene.get(f"products-uuid/{product}")).status_code == 404
        assert [action for action, _ in told] == ["product_model.removed", "product.created"]
        assert str(product) not in json.dumps(told)


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
