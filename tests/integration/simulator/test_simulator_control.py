import anyio
import pytest

from pim.json_types import JsonObject, as_list, as_object
from tests.integration.simulator.pim_scene import Scene, a_scene, search, sku_of

pytestmark = pytest.mark.anyio


async def calls(scene: Scene) -> dict[tuple[object, object, object], object]:
    report = await scene.look("requests")
    found = [as_object(each) for each in as_list(report["calls"])]
    return {(each["method"], each["path"], each["status"]): each["count"] for each in found}


async def test_the_truth_is_every_product_once_in_the_order_of_uuids() -> None:
    async with a_scene(250) as scene:
        await scene.control("edits", {"operations": 100})

        uuids = [str(each["uuid"]) for each in await scene.truth()]

        assert uuids == sorted(set(uuids))
        assert len(uuids) == (await scene.look("state"))["products"]


async def test_the_truth_by_identifier_leaves_out_who_has_none() -> None:
    async with a_scene(600) as scene:
        nameless = [each for each in await scene.truth() if sku_of(each) is None]

        named = await scene.truth("identifier")

        assert len(named) == 600 - len(nameless)
        assert all(each["identifier"] for each in named)


async def test_api_calls_are_counted_by_kind_of_path_and_status() -> None:
    async with a_scene(20) as scene:
        uuid = (await scene.truth())[0]["uuid"]
        await scene.items("products-uuid")
        await scene.items("products-uuid", search=search("uuid", "IN", [uuid]))
        await scene.json(f"products-uuid/{uuid}")
        await scene.get("products-uuid/unknown")
        await scene.json("attributes/color/options/sand")

        prefix = "/api/rest/v1/"
        assert await calls(scene) == {
            ("GET", f"{prefix}products-uuid", 200): 1,
            ("GET", f"{prefix}products-uuid?search", 200): 1,
            ("GET", f"{prefix}products-uuid/{{code}}", 200): 1,
            ("GET", f"{prefix}products-uuid/{{code}}", 404): 1,
            ("GET", f"{prefix}attributes/{{code}}/options/{{code}}", 200): 1,
        }
        await scene.client.delete("/_simulator/requests")
        assert await calls(scene) == {}


async def test_calls_at_once_are_known() -> None:
    async with a_scene(20, page_latency_seconds=0.3) as scene:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(scene.get, "products-uuid")

        assert (await scene.look("requests"))["most_at_once"] == 3


async def test_prepared_answers_are_given_once_each_and_to_their_path_only() -> None:
    async with a_scene(5) as scene:
        body = {"path": "/api/rest/v1/families", "status": 429, "times": 2, "retry_after": 7}
        await scene.control("answers", body)

        other = await scene.get("attributes")
        limited = [await scene.get("families") for _ in range(3)]

        assert other.status_code == 200
        assert [answer.status_code for answer in limited] == [429, 429, 200]
        assert limited[0].headers["Retry-After"] == "7"
        assert limited[0].json()["code"] == 429


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503])
async def test_a_proxys_page_is_html(status: int) -> None:
    async with a_scene(5) as scene:
        await scene.control("answers", {"status": status, "html": True})

        answer = await scene.get("families")

        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_forbidden_list_says_so_in_the_pims_own_json() -> None:
    async with a_scene(5) as scene:
        await scene.control("answers", {"status": 403})

        answer = await scene.get("families")

        assert (answer.status_code, answer.json()["code"]) == (403, 403)


async def test_prepared_answers_can_be_forgotten() -> None:
    async with a_scene(5) as scene:
        await scene.control("answers", {"status": 503, "times": 4})

        assert (await scene.client.delete("/_simulator/answers")).json() == {"forgotten": 4}
        assert (await scene.get("families")).status_code == 200


async def test_a_token_request_can_fail_too() -> None:
    async with a_scene(5) as scene:
        await scene.control("answers", {"path": "/api/oauth", "status": 500})

        answer = await scene.client.post("/api/oauth/v1/token", json={})

        assert answer.status_code == 500


async def test_a_product_is_made_changed_and_taken_away() -> None:
    async with a_scene(5) as scene:
        name = {"data": "Lantern", "locale": "en_US", "scope": None}
        changes = {"identifier": "L-1", "family": "headlamps", "values": {"name": [name]}}
        made = await scene.control("products", {"changes": changes})
        changed = await scene.control(f"products/{made['uuid']}", {"changes": {"enabled": False}})
        await scene.client.delete(f"/_simulator/products/{made['uuid']}")

        actions = [
            event["action"] for batch in scene.subscriber.events(scene.clock) for event in batch
        ]
        assert actions == ["product.created", "product.updated", "product.removed"]
        assert sku_of(made) == "L-1"
        assert (made["enabled"], changed["enabled"]) == (True, False)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("products", {"changes": {"identifier": "taken"}}, 422),
        ("products", {"uuid": "ffffffff-ffff-4fff-bfff-ffffffffffff"}, 422),
        ("products", {"changes": {"colour": "red"}}, 422),
        ("products/unknown", {}, 404),
        ("products/unknown/restore", {}, 404),
        ("edits", {"operations": -1}, 422),
    ],
)
async def test_what_cannot_be_done_is_refused(path: str, body: JsonObject, status: int) -> None:
    async with a_scene(5) as scene:
        taken = {"identifier": "TAKEN"}
        uuid = "ffffffff-ffff-4fff-bfff-ffffffffffff"
        await scene.control("products", {"uuid": uuid, "changes": taken})

        answer = await scene.client.post(f"/_simulator/{path}", json=body)

        assert answer.status_code == status


async def test_a_product_may_come_back_under_its_own_uuid_or_another() -> None:
    async with a_scene(5) as scene:
        made = await scene.control("products", {"changes": {"identifier": "AGAIN"}})
        uuid = str(made["uuid"])

        await scene.client.delete(f"/_simulator/products/{uuid}")
        other = await scene.control("products", {"changes": {"identifier": "AGAIN"}})
        await scene.client.delete(f"/_simulator/products/{other['uuid']}")
        same = await scene.control("products", {"uuid": uuid, "changes": {"identifier": "AGAIN"}})

        assert other["uuid"] != uuid
        assert same["uuid"] == uuid


async def test_paused_deliveries_do_not_hold_up_who_asks_for_edits() -> None:
    async with a_scene(20) as scene:
        await scene.control("deliveries/pause")

        performed = await scene.control("edits", {"operations": 5})

        assert performed["delivered"] is False
        assert scene.subscriber.got == []


async def test_the_state_tells_what_is_going_on() -> None:
    async with a_scene(30) as scene:
        await scene.control("edits", {"operations": 10})

        state = await scene.look("state")

        assert state["running"] is True
        assert state["products"] == state["indexed"]
        assert state["webhook"] == {"url": "https://shop.example.test/webhook"}
        last = as_list(as_object(state["deliveries"])["last_answers"])
        assert len(last) == len(scene.subscriber.got)
        assert as_object(last[0])["status"] == "200"


async def test_a_standing_answer_is_given_to_every_call_until_it_is_forgotten() -> None:
    async with a_scene(5) as scene:
        await scene.control("answers", {"status": 404, "html": True, "times": None})
        await scene.control("answers", {"status": 500, "path": "/api/rest/v1/families"})

        during = [await scene.get("families"), await scene.get("families"), await scene.get("x")]
        standing = as_list((await scene.look("state"))["standing_answers"])
        forgotten = (await scene.client.delete("/_simulator/answers")).json()

        assert [answer.status_code for answer in during] == [500, 404, 404]
        assert all(answer.headers["Content-Type"].startswith("text/html") for answer in during[1:])
        assert len(standing) == 1
        assert forgotten == {"forgotten": 1}
        assert (await scene.get("families")).status_code == 200


async def test_a_redirect_names_another_place() -> None:
    async with a_scene(5) as scene:
        place = "https://elsewhere.example.test/login"
        await scene.control("answers", {"status": 302, "location": place})

        answer = await scene.get("families")

        assert (answer.status_code, answer.headers["Location"]) == (302, place)
