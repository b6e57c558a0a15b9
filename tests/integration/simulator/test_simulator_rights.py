import pytest

from pim.json_types import as_list
from tests.integration.simulator.pim_scene import Scene, a_scene, search

pytestmark = pytest.mark.anyio

SHARE = {"hidden_share": 0.3, "seed": 7}


async def listed(scene: Scene) -> set[str]:
    pages = await scene.walk(limit="100")
    return {str(item["uuid"]) for page in pages for item in page}


async def hide(scene: Scene) -> set[str]:
    return {str(uuid) for uuid in as_list((await scene.control("rights", SHARE))["hidden"])}


async def test_lists_leave_out_hidden_products_and_single_reads_do_not_find_them() -> None:
    async with a_scene(250) as scene:
        everything = await listed(scene)
        hidden = await hide(scene)

        single = await scene.get(f"products-uuid/{min(hidden)}")
        found = await scene.items("products-uuid", search=search("uuid", "IN", sorted(hidden)[:9]))

        assert 0.2 < len(hidden) / 250 < 0.4
        assert await listed(scene) == everything - hidden
        assert (single.status_code, single.json()["code"]) == (404, 404)
        assert found == []


async def test_the_same_products_are_hidden_again_and_others_with_another_seed() -> None:
    async with a_scene(250) as scene:
        hidden = await hide(scene)
        others = as_list((await scene.control("rights", {**SHARE, "seed": 8}))["hidden"])

        assert set(others) != hidden
        assert await hide(scene) == hidden


async def test_rights_given_back_show_everything_as_it_was_and_nobody_is_told() -> None:
    async with a_scene(250) as scene:
        before = await scene.truth()
        await hide(scene)
        during = await scene.truth()
        back = await scene.control("rights", {"hidden_share": 0})

        assert back == {"hidden": [], "hidden_models": []}
        assert await listed(scene) == {str(each["uuid"]) for each in before}
        assert before == during == await scene.truth()
        assert scene.subscriber.got == []


async def test_no_event_tells_of_a_hidden_product() -> None:
    async with a_scene(50) as scene:
        hidden = await hide(scene)
        shown = min({str(each["uuid"]) for each in await scene.truth()} - hidden)
        for uuid in [min(hidden), shown]:
            await scene.control(f"products/{uuid}", {"changes": {"categories": []}})

        (batch,) = scene.subscriber.events(scene.clock)
        assert [event["action"] for event in batch] == ["product.updated"]
