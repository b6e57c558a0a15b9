"""How tests of the simulated PIM's product models ask for them."""

import json

from pim.json_types import JsonObject, as_object
from tests.integration.simulator.pim_scene import Scene, search

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
