"""What the documents of the Event Platform leave open: each setting, one way and the other."""

import anyio
import pytest

from pim.json_types import JsonObject, as_list, as_object
from simulator.config import EventPlatformConfig
from tests.integration.simulator.platform_scene import (
    DELTA,
    PRIMARY,
    UPDATED,
    URL,
    Destination,
    PlatformScene,
    a_platform,
    subscriber_body,
    subscription_body,
)

pytestmark = pytest.mark.anyio


async def a_subscription(
    scene: PlatformScene, *, expect: int = 201, body: JsonObject | None = None
) -> JsonObject:
    owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
    path = f"subscribers/{owner['id']}/subscriptions"
    return await scene.managed("POST", path, body or subscription_body(), expect=expect)


@pytest.mark.parametrize("kind", ["application/json", "application/cloudevents+json"])
async def test_the_content_type(kind: str) -> None:
    async with a_platform(content_type=kind) as scene:
        await scene.edit()

        assert scene.destination.got[0].headers["Content-Type"] == kind


async def test_the_user_agent_and_the_correlation_id() -> None:
    async with a_platform() as scene:
        await scene.edit(2)
        first, second = scene.destination.got
        assert first.headers["User-Agent"] == "akeneo/event-platform"
        assert first.headers["X-Correlation-ID"] != second.headers["X-Correlation-ID"]
    async with a_platform(user_agent="Go-http-client/2.0", x_correlation_id="none") as scene:
        await scene.edit()
        (request,) = scene.destination.got
        assert request.headers["User-Agent"] == "Go-http-client/2.0"
        assert "X-Correlation-ID" not in request.headers


@pytest.mark.parametrize(("status", "made"), [(200, True), (405, False)])
async def test_a_new_destination_is_tried_by_head_if_that_is_on(status: int, *, made: bool) -> None:
    destination = Destination(status=status)
    async with a_platform(url=None, destination=destination) as scene:
        await a_subscription(scene)
        assert destination.heads == 0
        await scene.set(head_check_on_create=True)
        await a_subscription(scene, expect=201 if made else 400)
        assert destination.heads == 1


@pytest.mark.parametrize(("shows", "told"), [(False, "***redacted***"), (True, PRIMARY)])
async def test_secrets_in_the_answer_to_a_creation(*, shows: bool, told: str) -> None:
    async with a_platform(url=None, secrets_in_create_answer=shows) as scene:
        made = await a_subscription(scene)
        assert as_object(as_object(made["config"])["secret"])["primary"] == told
        path = f"subscribers/{made['subscriber_id']}/subscriptions/{made['id']}"
        read = await scene.managed("GET", path)
        assert as_object(as_object(read["config"])["secret"])["primary"] == "***redacted***"


@pytest.mark.parametrize(("mode", "expect"), [("merge", 200), ("replace", 400)])
async def test_what_a_patch_leaves_out(mode: str, expect: int) -> None:
    async with a_platform(url=None, patch_mode=mode) as scene:
        made = await a_subscription(scene)
        path = f"subscribers/{made['subscriber_id']}/subscriptions/{made['id']}"
        await scene.managed("PATCH", path, {"events": [UPDATED]}, expect=expect)
        whole = subscription_body([UPDATED])
        assert (await scene.managed("PATCH", path, whole))["events"] == [UPDATED]
        owner = f"subscribers/{made['subscriber_id']}"
        await scene.managed("PATCH", owner, {"name": "other"}, expect=expect)


@pytest.mark.parametrize(("is_null", "told"), [(True, None), (False, [])])
async def test_an_empty_list(*, is_null: bool, told: object) -> None:
    async with a_platform(url=None, empty_list_as_null=is_null) as scene:
        assert await scene.manage("GET", "subscribers") == told
        assert (await scene.managed("GET", "logs"))["items"] == told


@pytest.mark.parametrize("is_one", [False, True])
async def test_the_id_of_a_change_told_twice(*, is_one: bool) -> None:
    async with a_platform([UPDATED, DELTA], same_id_for_delta_and_updated=is_one) as scene:
        await scene.change(await scene.a_uuid(), {"identifier": "X"})

        bodies = scene.destination.bodies()
        assert {body["type"] for body in bodies} == {UPDATED, DELTA}
        assert len({str(body["id"]) for body in bodies}) == (1 if is_one else 2)


@pytest.mark.parametrize("is_one", [True, False])
async def test_the_id_of_an_event_in_two_subscriptions(*, is_one: bool) -> None:
    async with a_platform(same_id_across_subscriptions=is_one, activation_delay_s=0.0) as scene:
        await a_subscription(scene)
        await scene.edit()

        bodies = scene.destination.bodies()
        assert len({str(body["subject"]) for body in bodies}) == 2
        assert len({str(body["id"]) for body in bodies}) == (1 if is_one else 2)


async def test_how_a_person_is_named() -> None:
    for form, length in (("uuid", 36), ("name", len("julia"))):
        async with a_platform(author_user_form=form) as scene:
            await scene.edit()
            author = as_object(as_object(scene.destination.bodies()[0]["data"])["author"])
            assert author["type"] == "user"
            assert len(str(author["identifier"])) == length


@pytest.mark.parametrize("source", ["akeneo-event-platform", "pim"])
async def test_the_source(source: str) -> None:
    async with a_platform(source_value=source) as scene:
        await scene.edit()

        assert scene.destination.bodies()[0]["source"] == source


@pytest.mark.parametrize(
    ("digits", "time"),
    [("0", "2026-03-05T12:00:00Z"), ("9", "2026-03-05T12:00:00.250000000Z")],
)
async def test_digits_of_the_time(digits: str, time: str) -> None:
    async with a_platform(time_fraction_digits=digits) as scene:
        await scene.edit()

        assert scene.destination.bodies()[0]["time"] == time


@pytest.mark.parametrize(("most", "told"), [(None, 1), (100, 0)])
async def test_events_that_are_too_large(most: int | None, told: int) -> None:
    async with a_platform(max_body_bytes=most) as scene:
        await scene.edit()

        assert len(scene.destination.got) == told


@pytest.mark.parametrize(("accepts", "told"), [(False, 2), (True, 1)])
async def test_a_filter_on_a_client_id(*, accepts: bool, told: int) -> None:
    async with a_platform(
        url=None, activation_delay_s=0.0, filter_user_accepts_client_id=accepts
    ) as scene:
        await a_subscription(scene, body=subscription_body(filter='not user="demo_client"'))
        uuid = await scene.a_uuid()
        await scene.change(uuid, {"identifier": "A"}, author="demo_connection")
        await scene.change(uuid, {"identifier": "B"})

        assert len(scene.destination.got) == told


@pytest.mark.parametrize(("only", "expect"), [(False, 201), (True, 400)])
async def test_destinations_without_tls(*, only: bool, expect: int) -> None:
    body = subscription_body()
    as_object(body["config"])["url"] = "http://sync.example.test/hook"
    async with a_platform(url=None, https_only=only) as scene:
        await a_subscription(scene, body=body, expect=expect)


async def test_the_activation_delay_can_be_none() -> None:
    async with a_platform(url=None, activation_delay_s=0.0) as scene:
        await a_subscription(scene)
        await scene.edit()

        assert len(scene.destination.got) == 1


async def test_deliveries_under_way_are_so_many_at_most() -> None:
    for parallel in (1, 3):
        destination = Destination(going=anyio.Event())
        async with a_platform(
            destination=destination, parallel=parallel, rate_start=1e6, rate_max=1e6
        ) as scene:
            for _ in range(5):
                await scene.control("platform/events", {"type": UPDATED, "wait": False})
            await destination.reach(parallel)
            assert len(destination.got) == parallel
            assert destination.going is not None
            destination.going.set()
            await destination.reach(5)


async def test_a_subscription_to_another_kind_of_destination_is_taken_and_not_played() -> None:
    config: JsonObject = {"broker": "b:9092", "topic": "t"}
    config["sasl_auth"] = {"password": "hidden-word"}
    body = subscription_body(type="kafka", config=config)
    async with a_platform(url=None, activation_delay_s=0.0) as scene:
        made = await a_subscription(scene, body=body)
        await scene.edit()

        assert "hidden-word" not in str(made)
        assert (await scene.counts())["not_played"] == 1
        assert as_list(made["events"]) == as_list(body["events"])


async def test_how_the_rate_falls_and_rises() -> None:
    for settings, rates in (
        ({}, (100, 50, 60.5)),
        ({"start": 80.0, "down": 0.25, "up": 1.0, "max": 60.0}, (80, 20, 60)),
    ):
        named = {f"rate_{name}": value for name, value in settings.items()}
        destination = Destination(statuses=[429])
        async with a_platform(
            destination=destination, pim={"platform": a_config(**named)}
        ) as scene:
            found = [(await scene.subscription())["rate"]]
            await scene.edit()
            await destination.reach(2)
            found.append((await scene.subscription())["rate"])
            scene.scene.clock.go_on(2)
            await scene.edit()
            found.append((await scene.subscription())["rate"])

            assert tuple(found) == rates


def a_config(**settings: float) -> EventPlatformConfig:
    return EventPlatformConfig(url=URL, primary_secret=PRIMARY, **settings)  # type: ignore[arg-type] # by field name
