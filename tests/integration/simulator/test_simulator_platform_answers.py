"""What a destination's answers cause: rates, retries, suspension, loss."""

import anyio
import httpx
import pytest

from tests.integration.simulator.platform_scene import (
    UPDATED,
    Destination,
    PlatformScene,
    a_platform,
)

pytestmark = pytest.mark.anyio
MANY = 1000


async def status(scene: PlatformScene) -> object:
    return (await scene.subscription())["status"]


async def test_200_is_delivered() -> None:
    async with a_platform() as scene:
        await scene.edit()

        counts = await scene.counts()
        assert (counts["events"], counts["sent"], counts["delivered"]) == (1, 1, 1)
        assert (await scene.subscription())["outstanding"] == 0


async def test_429_lowers_the_rate_and_the_event_stays() -> None:
    destination = Destination(statuses=[429, 429])
    async with a_platform(destination=destination) as scene:
        await scene.edit()
        await destination.reach(3)

        known = await scene.subscription()
        assert len({request.content for request in destination.got}) == 1
        assert (await scene.counts())["throttled"] == 2
        assert known["rate"] == 25
        assert (known["status"], known["judged"]) == ("active", 1)


async def test_the_rate_rises_with_time_up_to_its_top_and_never_falls_below_its_floor() -> None:
    destination = Destination(statuses=[429, 429, 429])
    async with a_platform(destination=destination, rate_min=40.0) as scene:
        await scene.edit()
        await destination.reach(4)
        assert (await scene.subscription())["rate"] == 40

        scene.scene.clock.go_on(2)
        await scene.edit()
        assert (await scene.subscription())["rate"] == 48.4
        scene.scene.clock.go_on(3600)
        await scene.edit()
        assert (await scene.subscription())["rate"] == 100


async def test_an_event_throttled_for_an_hour_is_a_failure() -> None:
    destination = Destination(status=429)
    async with a_platform(destination=destination, rate_min=50.0) as scene:
        await scene.edit()
        await destination.reach(3)
        assert await status(scene) == "active"

        await scene.control("platform/advance", {"seconds": 3600})
        await destination.reach(notices=1)
        assert await status(scene) == "suspended"


async def test_an_event_throttled_for_eight_hours_is_dropped() -> None:
    destination = Destination(status=429, going=anyio.Event())
    async with a_platform(
        destination=destination, success_min_attempts=MANY, timeout_s=60.0
    ) as scene:
        await scene.control("platform/events", {"type": UPDATED, "wait": False})
        await destination.reach(1)
        await scene.advance(28_800)
        assert (await scene.subscription())["outstanding"] == 1
        assert destination.going is not None
        destination.going.set()
        await anyio.wait_all_tasks_blocked()

        known = await scene.subscription()
        assert (known["outstanding"], known["judged"]) == (0, 1)
        assert (await scene.counts())["failed"] == 1


@pytest.mark.parametrize("answer", [500, 503, 0])
async def test_a_passing_failure_is_tried_again_three_times_then_dropped(answer: int) -> None:
    destination = Destination(status=answer)
    async with a_platform(destination=destination, success_min_attempts=MANY) as scene:
        await scene.edit()
        for attempts, pause in ((1, 300), (2, 600), (3, 1200)):
            await scene.advance(pause - 1)
            assert len(destination.got) == attempts
            await scene.advance(1)
            await destination.reach(attempts + 1)
        await scene.advance(10_000)

        counts = await scene.counts()
        assert len(destination.got) == 4
        assert len({request.content for request in destination.got}) == 1
        assert (counts["failed_attempts"], counts["retries"], counts["failed"]) == (4, 3, 1)


async def test_a_retry_that_is_answered_delivers() -> None:
    destination = Destination(statuses=[503])
    async with a_platform(destination=destination, success_min_attempts=MANY) as scene:
        await scene.edit()
        await scene.advance(300)
        await destination.reach(2)

        assert (await scene.counts())["delivered"] == 1
        assert (await scene.subscription())["outstanding"] == 0


class Sleeper(Destination):
    async def handle(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle(request)
        if request in self.got:
            await anyio.sleep_forever()
        return answer


async def test_who_does_not_answer_in_time_has_failed() -> None:
    async with a_platform(destination=Sleeper(), timeout_s=0.05) as scene:
        await scene.edit()

        known = await scene.subscription()
        assert known["answers"] == {"destination_timeout": 1}
        assert known["status"] == "suspended"


@pytest.mark.parametrize("answer", [404, 301, 302, 307, 308])
async def test_not_found_and_redirects_suspend_at_once(answer: int) -> None:
    async with a_platform(success_min_attempts=MANY) as scene:
        await scene.edit(3)
        scene.destination.status = answer
        await scene.edit()

        assert await status(scene) == "suspended"
        assert len(scene.destination.got) == 4


@pytest.mark.parametrize("answer", [400, 401, 405, 413, 204])
async def test_other_answers_fail_and_are_not_tried_again(answer: int) -> None:
    destination = Destination(status=answer)
    async with a_platform(destination=destination, success_min_attempts=MANY) as scene:
        await scene.edit()
        await scene.advance(10_000)

        assert len(destination.got) == 1
        assert (await scene.counts())["failed"] == 1
        assert await status(scene) == "active"


async def test_by_a_setting_4xx_is_tried_again() -> None:
    destination = Destination(statuses=[400])
    async with a_platform(
        destination=destination, success_min_attempts=MANY, retry_on_4xx=True
    ) as scene:
        await scene.edit()
        await scene.advance(300)
        await destination.reach(2)

        assert (await scene.counts())["delivered"] == 1


async def test_by_a_setting_any_2xx_is_a_delivery() -> None:
    destination = Destination(status=202)
    async with a_platform(destination=destination, accept_status="2xx") as scene:
        await scene.edit()

        assert (await scene.counts())["delivered"] == 1


async def test_one_failure_in_ten_is_borne_and_two_in_eleven_suspend() -> None:
    async with a_platform() as scene:
        await scene.edit(9)
        scene.destination.status = 400
        await scene.edit()
        known = await scene.subscription()
        assert (known["status"], known["success_rate"]) == ("active", 0.9)
        await scene.edit()

        assert await status(scene) == "suspended"
        await scene.destination.reach(notices=1)
        assert scene.destination.told()[0]["reason"] == "Success rate dropped below 90%"


async def test_a_failure_is_forgotten_after_an_hour() -> None:
    async with a_platform() as scene:
        await scene.edit(9)
        scene.destination.status = 400
        await scene.edit()
        scene.destination.status = 200
        await scene.advance(3601)
        await scene.edit(9)
        scene.destination.status = 400
        await scene.edit()

        known = await scene.subscription()
        assert (known["status"], known["success_rate"], known["judged"]) == ("active", 0.9, 10)


async def test_few_attempts_are_not_judged_by_a_setting() -> None:
    async with a_platform(destination=Destination(status=400), success_min_attempts=3) as scene:
        await scene.edit(2)
        assert await status(scene) == "active"
        await scene.edit()

        assert await status(scene) == "suspended"


async def test_the_rate_counts_attempts_or_by_a_setting_events() -> None:
    for unit, judged in (("attempt", 1), ("event", 0)):
        async with a_platform(
            destination=Destination(statuses=[503]),
            success_min_attempts=MANY,
            success_unit=unit,
        ) as scene:
            await scene.edit()

            assert (await scene.subscription())["judged"] == judged


async def test_nothing_is_kept_while_suspended() -> None:
    destination = Destination(statuses=[503])
    async with a_platform(destination=destination, success_min_attempts=2) as scene:
        await scene.edit()
        await scene.control("platform/end", {})
        await scene.edit(2)
        assert (await scene.counts())["lost_while_suspended"] == 3

        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"
        await scene.managed("POST", f"{path}/resume", expect=202)
        await scene.edit()
        await scene.advance(10_000)
        assert len(destination.got) == 1
        await scene.edit()
        assert len(destination.got) == 2
        assert (await scene.counts())["delivered"] == 1


async def test_what_is_under_way_when_it_is_suspended_is_not_sent() -> None:
    async with a_platform() as scene:
        await scene.control("deliveries/pause")
        await scene.control("products", {"changes": {}, "wait": False})
        await scene.control("platform/end", {})
        await scene.control("deliveries/resume")
        await scene.advance(10_000)

        assert scene.destination.got == []


async def test_resuming_too_often_revokes_by_a_setting() -> None:
    async with a_platform(resumes_before_revoke=1) as scene:
        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"
        states = []
        for _ in range(2):
            await scene.managed("POST", f"{path}/suspend", expect=202)
            states.append((await scene.managed("POST", f"{path}/resume", expect=202))["status"])

        assert states == ["active", "revoked"]
        await scene.managed("POST", f"{path}/resume", expect=409)


async def test_documented_waits_are_shorter_by_the_time_scale() -> None:
    destination = Destination(statuses=[503])
    async with a_platform(
        destination=destination, success_min_attempts=MANY, time_scale=60.0
    ) as scene:
        await scene.edit()
        scene.scene.clock.go_on(4.9)
        await scene.advance(0)
        assert len(destination.got) == 1
        scene.scene.clock.go_on(0.2)
        await scene.advance(0)
        await destination.reach(2)
