import anyio
import httpx
import pytest

from pim.json_types import JsonObject, as_object
from tests.integration.simulator.pim_scene import SECRET, Scene, Subscriber, a_scene, refusal

pytestmark = pytest.mark.anyio


def resources(events: list[list[JsonObject]]) -> list[JsonObject]:
    return [as_object(as_object(event["data"])["resource"]) for batch in events for event in batch]


async def a_uuid(scene: Scene) -> str:
    return str((await scene.truth())[0]["uuid"])


async def deliveries(scene: Scene) -> JsonObject:
    return as_object((await scene.look("state"))["deliveries"])


async def counts(scene: Scene) -> JsonObject:
    return as_object((await deliveries(scene))["counts"])


async def test_a_delivery_is_signed_and_says_who_it_is() -> None:
    async with a_scene(20) as scene:
        await scene.control("edits", {"operations": 5})

        assert scene.subscriber.got
        for request in scene.subscriber.got:
            assert request.method == "POST"
            assert request.headers["Content-Type"] == "application/json"
            assert request.headers["User-Agent"].startswith("AkeneoPIM/")
            assert refusal(request, scene.clock) is None
            assert request.headers["X-Akeneo-Request-Timestamp"] == str(
                int(scene.clock.now.timestamp())
            )


async def test_edits_are_told_in_homogeneous_batches_of_ten_at_most() -> None:
    async with a_scene(200) as scene:
        performed = await scene.control("edits", {"operations": 400})

        batches = scene.subscriber.events(scene.clock)
        assert performed["delivered"] is True
        assert performed["bulks"] == (await counts(scene))["bulks"]
        assert max(len(batch) for batch in batches) <= 10
        for batch in batches:
            removals = {event["action"] == "product.removed" for event in batch}
            assert len(removals) == 1
        assert len({str(event["event_id"]) for batch in batches for event in batch}) == sum(
            len(batch) for batch in batches
        )


async def test_what_is_told_last_of_a_product_is_the_truth_but_for_removals() -> None:
    async with a_scene(200) as scene:
        await scene.control("edits", {"operations": 300})

        truth = {str(each["uuid"]): each for each in await scene.truth()}
        events = [event for batch in scene.subscriber.events(scene.clock) for event in batch]
        last = {resource["uuid"]: resource for resource in resources([events])}
        for uuid, resource in last.items():
            if "values" in resource:
                assert resource["updated"] == truth[str(uuid)]["updated"]
            else:
                assert uuid not in truth


async def test_a_load_can_be_asked_for_in_batches_of_one_size() -> None:
    async with a_scene(200) as scene:
        await scene.control("edits", {"operations": 60, "bulk": 10, "seed": 4})

        assert max(len(batch) for batch in scene.subscriber.events(scene.clock)) == 10


async def test_the_test_button_posts_an_empty_signed_body() -> None:
    async with a_scene(5) as scene:
        answer = await scene.control("webhook/test")

        assert answer == {"status": "200"}
        (request,) = scene.subscriber.got
        assert request.content == b""
        assert refusal(request, scene.clock) is None


@pytest.mark.parametrize("status", [204, 302, 401, 429, 500])
async def test_any_answer_ends_a_delivery_and_none_is_tried_again(status: int) -> None:
    async with a_scene(20) as scene:
        scene.subscriber.status = status
        await scene.control(f"products/{await a_uuid(scene)}", {"changes": {"enabled": False}})
        await scene.control("products", {"changes": {"identifier": "X"}})

        answers = as_object((await deliveries(scene))["answers"])
        assert answers == {str(status): len(scene.subscriber.got)}
        assert {request.url.host for request in scene.subscriber.got} == {"shop.example.test"}


class Sleeper(Subscriber):
    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        await anyio.sleep_forever()
        raise AssertionError


class Unreachable(Subscriber):
    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        raise httpx.ConnectError("no route to host", request=request)


@pytest.mark.parametrize(
    ("subscriber", "seconds", "status"),
    [(Sleeper(), 0.3, "timeout"), (Unreachable(), 60.0, "unreachable")],
)
async def test_who_does_not_answer_in_time_loses_the_event(
    subscriber: Subscriber, seconds: float, status: str
) -> None:
    async with a_scene(20, subscriber=subscriber, webhook_timeout_seconds=seconds) as scene:
        await scene.control("products", {"changes": {"identifier": "X"}})

        assert (await deliveries(scene))["answers"] == {status: 1}
        assert len(subscriber.got) == 1


async def test_a_product_gone_before_its_event_is_sent_is_told_as_removed_only() -> None:
    async with a_scene(20) as scene:
        uuid = await a_uuid(scene)
        await scene.control("deliveries/pause")
        change = {"changes": {"identifier": "SOON-GONE"}, "wait": False}
        await scene.control(f"products/{uuid}", change)
        await scene.client.delete(f"/_simulator/products/{uuid}")
        assert (await scene.look("state"))["bulks_waiting"] == 2

        await scene.control("deliveries/resume")
        await scene.control("edits", {"operations": 1})

        told = [event["action"] for event in scene.subscriber.events(scene.clock)[0]]
        assert told == ["product.removed"]
        assert (await counts(scene))["nothing_to_tell"] == 1


async def test_a_silent_change_is_told_to_nobody() -> None:
    async with a_scene(20) as scene:
        uuid = await a_uuid(scene)

        shown = await scene.control(
            f"products/{uuid}",
            {
                "changes": {"identifier": "UNHEARD"},
                "silent": True,
                "updated": "2020-01-01T00:00:00+00:00",
            },
        )
        await scene.client.delete(f"/_simulator/products/{uuid}?silent=true")
        restored = await scene.control(f"products/{uuid}/restore")

        assert shown["updated"] == "2020-01-01T00:00:00+00:00"
        assert restored == shown
        assert scene.subscriber.got == []


async def test_the_connections_own_saves_are_not_told() -> None:
    async with a_scene(20) as scene:
        path = f"products/{await a_uuid(scene)}"
        await scene.control(path, {"changes": {"identifier": "A"}, "author": "demo_connection"})
        await scene.control(path, {"changes": {"identifier": "B"}, "author": "other_connection"})

        told = [
            event["author"] for batch in scene.subscriber.events(scene.clock) for event in batch
        ]
        assert told == ["other_connection"]


async def test_a_change_that_changes_nothing_is_told_to_nobody() -> None:
    async with a_scene(20) as scene:
        path = f"products/{await a_uuid(scene)}"
        await scene.control(path, {"changes": {"identifier": "A"}})
        await scene.control(path, {"changes": {"identifier": "A"}})

        assert len(scene.subscriber.got) == 1


async def test_another_subscriber_is_told_from_then_on() -> None:
    async with a_scene(20) as scene:
        await scene.control("webhook", {"url": "https://new.example.test/hook", "secret": SECRET})
        await scene.control("edits", {"operations": 3})
        await scene.control("webhook", {"url": None})
        got = len(scene.subscriber.got)
        await scene.control("edits", {"operations": 3})

        assert {request.url.host for request in scene.subscriber.got} == {"new.example.test"}
        assert len(scene.subscriber.got) == got


async def test_at_the_hourly_limit_the_pim_falls_silent() -> None:
    async with a_scene(20, requests_per_hour=3) as scene:
        await scene.control("edits", {"operations": 40, "bulk": 1, "wait": False})
        await anyio.wait_all_tasks_blocked()

        assert len(scene.subscriber.got) == 3
        silent = (await counts(scene))["silent_for_quota"]
        assert isinstance(silent, int)
        assert silent > 0


class Counting(Subscriber):
    def __init__(self) -> None:
        super().__init__()
        self.fifth = anyio.Event()

    async def handle(self, request: httpx.Request) -> httpx.Response:
        if len(self.got) == 4:
            self.fifth.set()
        return await super().handle(request)


async def test_edits_go_on_at_a_pace_until_it_is_zero() -> None:
    subscriber = Counting()
    async with a_scene(50, subscriber=subscriber) as scene:
        await scene.control("pace", {"per_second": 500.0})
        with anyio.fail_after(60):
            await subscriber.fifth.wait()
        state = await scene.control("pace", {"per_second": 0})

        assert state["edits_per_second"] == 0
        await anyio.wait_all_tasks_blocked()
        got = len(subscriber.got)
        await anyio.sleep(0.05)
        assert len(subscriber.got) == got


async def test_the_same_seed_leads_to_the_same_truth() -> None:
    truths = []
    for _ in range(2):
        async with a_scene(100) as scene:
            await scene.control("edits", {"operations": 200})
            await scene.control("edits", {"operations": 50, "seed": 9})
            truths.append(await scene.truth())

    assert truths[0] == truths[1]
