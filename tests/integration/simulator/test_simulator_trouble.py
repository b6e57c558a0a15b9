"""Troubles of the PIM that a control endpoint brings on and ends."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from pim.json_types import JsonObject
from tests.integration.simulator.pim_scene import BASE, NOON, Scene, a_scene, link, search

pytestmark = pytest.mark.anyio

PRODUCTS = "products-uuid"


async def listed(scene: Scene) -> list[str]:
    return [str(item["uuid"]) for page in await scene.walk(limit="100") for item in page]


async def log_in(scene: Scene, **grant: str) -> tuple[int, JsonObject]:
    answer = await scene.client.post(
        "/api/oauth/v1/token", json=grant, auth=("demo_client", "demo_client_secret")
    )
    return answer.status_code, answer.json()


PASSWORD = {
    "grant_type": "password",
    "username": "demo_connection",
    "password": "demo_password",
}


async def refused(scene: Scene, bearer: object) -> str:
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = await scene.client.get("/api/rest/v1/families", headers=headers)
    assert answer.status_code == 401
    return str(answer.json()["message"])


async def test_a_share_of_the_index_is_lost_and_found_again_when_it_is_rebuilt() -> None:
    async with a_scene(250) as scene:
        everything = await listed(scene)
        lost = (await scene.control("index", {"forget_share": 0.3, "seed": 7}))["lost"]
        short = await listed(scene)
        await scene.control("index", {"rebuild": True})

        assert isinstance(lost, int)
        assert 50 < lost < 100
        assert len(short) == 250 - lost
        assert await listed(scene) == everything


async def test_a_next_link_can_lose_the_filter() -> None:
    async with a_scene(250) as scene:
        wanted = search("enabled", "=", value=False)
        filtered = await scene.walk(search=wanted, limit="2")
        await scene.control("links", {"loses": ["search"]})

        faulty = await scene.walk(search=wanted, limit="2")
        page = await scene.json(PRODUCTS, search=wanted, limit="2")
        await scene.control("links")

        assert "search" not in parse_qs(urlsplit(str(link(page, "next"))).query)
        assert {item["enabled"] for page in filtered for item in page} == {False}
        assert {item["enabled"] for page in faulty for item in page} == {False, True}
        assert await scene.walk(search=wanted, limit="2") == filtered


@pytest.mark.parametrize("listing", [PRODUCTS, "families", "attributes/color/options"])
async def test_a_next_link_can_name_another_host(listing: str) -> None:
    async with a_scene(50) as scene:
        await scene.control("links", {"host": "https://elsewhere.example.test"})

        page = await scene.json(listing, limit="1")

        path = f"/api/rest/v1/{listing}?"
        assert str(link(page, "next")).startswith(f"https://elsewhere.example.test{path}")
        assert str(link(page, "self")).startswith(f"{BASE}{path}")


async def test_clocks_of_nodes_differ_in_answers_and_in_what_they_save() -> None:
    async with a_scene(50) as scene:
        await scene.control("clock", {"skew_seconds": 30})

        dates = [(await scene.get("families")).headers["Date"] for _ in range(3)]
        uuid = str((await scene.truth())[0]["uuid"])
        stamps = [
            (await scene.control(f"products/{uuid}", {"changes": {"enabled": enabled}}))["updated"]
            for enabled in (False, True, False, True)
        ]

        answered = {parsedate_to_datetime(date) for date in dates}
        saved = [datetime.fromisoformat(str(stamp)) for stamp in stamps]
        noon = NOON.replace(microsecond=0)
        assert {(date - noon).total_seconds() for date in answered} == {-15, 0, 15}
        assert {(stamp - noon).total_seconds() for stamp in saved} == {-15, 0, 15}
        assert saved != sorted(saved)


async def test_a_restored_backup_undoes_everything_since_and_tells_nobody() -> None:
    async with a_scene(250) as scene:
        before = await scene.truth()
        await scene.control("backup")
        scene.clock.go_on(60)
        await scene.control("edits", {"operations": 200})
        told = len(scene.subscriber.got)
        changed = await scene.truth()
        restored = await scene.control("backup/restore")

        assert len(changed) != 250 or {e["updated"] for e in changed} > {
            e["updated"] for e in before
        }
        assert changed != before
        assert restored == {"products": 250, "models": 0}
        assert await scene.truth() == before
        assert await listed(scene) == [each["uuid"] for each in before]
        assert len(scene.subscriber.got) == told


async def test_after_a_restore_products_are_edited_as_before() -> None:
    async with a_scene(50) as scene:
        await scene.control("backup")
        await scene.control("edits", {"operations": 60})
        await scene.control("backup/restore")

        await scene.control("edits", {"operations": 60})

        assert await listed(scene) == [each["uuid"] for each in await scene.truth()]


async def test_without_a_backup_there_is_nothing_to_restore() -> None:
    async with a_scene(5) as scene:
        assert (await scene.client.post("/_simulator/backup/restore", json={})).status_code == 404


async def test_bearers_end_as_revoked_or_as_expired() -> None:
    async with a_scene(5) as scene:
        _, first = await log_in(scene, **PASSWORD)
        await scene.control("tokens/end", {"expired": True})
        expired = await refused(scene, first["access_token"])
        _, second = await log_in(scene, **PASSWORD)
        await scene.control("tokens/end")

        assert "expired" in expired
        assert "invalid" in await refused(scene, second["access_token"])


async def test_a_connection_that_is_locked_out_gets_no_bearer_until_it_is_let_in() -> None:
    async with a_scene(5) as scene:
        await scene.control("tokens/end", {"locked": True})
        out, _ = await log_in(scene, **PASSWORD)
        await scene.control("tokens/end", {"locked": False, "seconds": 5})
        status, tokens = await log_in(scene, **PASSWORD)

        assert (out, status) == (422, 200)
        assert tokens["expires_in"] == 5
