"""Notices of the Event Platform, its faults, and what control endpoints make it do."""

from pathlib import Path

import anyio
import pytest

from pim.event_platform import sign_body
from pim.json_types import as_list, as_object
from simulator.news.envelope import encode_json
from tests.integration.simulator.pim_scene import BASE
from tests.integration.simulator.platform_scene import (
    NOTICE_SECRET,
    NOTICES,
    PRIMARY,
    TYPE,
    UPDATED,
    URL,
    Destination,
    PlatformScene,
    a_platform,
    subscriber_body,
    subscription_body,
)

pytestmark = pytest.mark.anyio


async def notices(scene: PlatformScene) -> dict[str, object]:
    return dict(as_object((await scene.scene.look("platform"))["notices"]))


def test_a_notice_is_signed_as_it_is_documented() -> None:
    body = encode_json(
        {
            "notification_type": "subscription.suspended.system",
            "timestamp": "2026-11-20T10:00:00Z",
            "subscription_id": "0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
            "subscriber_id": "0190fe8a-1111-7abc-8a9f-ba36a5ef0001",
            "destination": "https://sync.example.test/webhooks/event-platform",
            "events": ["com.akeneo.pim.v1.product.updated"],
            "reason": "Success rate dropped below 90%",
            "subject": "https://pim.example.test",
        }
    )

    assert sign_body(NOTICE_SECRET, body) == (
        "8c8a344ed44472eb0c33bc0497b9e296941edc4fca5584fb8412e50da1b4a8d9"
    )


async def test_a_suspension_is_noticed_and_signed() -> None:
    async with a_platform([UPDATED]) as scene:
        scene.destination.status = 404
        await scene.edit()
        await scene.destination.reach(notices=1)

        (known,) = await scene.subscriptions()
        (request,) = scene.destination.notices
        (told,) = scene.destination.told()
        assert request.headers["User-Agent"] == "akeneo/event-platform"
        assert request.headers["X-AKENEO-SIGNATURE-PRIMARY"] == sign_body(
            NOTICE_SECRET, request.content
        )
        assert request.headers["X-AKENEO-SIGNATURE-ALGORITHM"] == "HmacSHA256"
        assert told == {
            "notification_type": "subscription.suspended.system",
            "timestamp": "2026-03-05T12:00:00Z",
            "subscription_id": known["id"],
            "subscriber_id": known["subscriber_id"],
            "destination": URL,
            "events": [UPDATED],
            "reason": "the destination was not found",
            "subject": BASE,
        }


async def test_what_a_user_does_is_noticed_too_but_for_a_deletion() -> None:
    async with a_platform() as scene:
        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"
        await scene.managed("POST", f"{path}/suspend", expect=202)
        await scene.managed("POST", f"{path}/resume", expect=202)
        await scene.managed("DELETE", path)
        await scene.destination.reach(notices=2)

        told = [each["notification_type"] for each in scene.destination.told()]
        assert told == ["subscription.suspended.user", "subscription.resumed"]


async def test_a_notice_is_tried_three_times() -> None:
    destination = Destination(notice_statuses=[500, 429, 503, 200])
    async with a_platform(destination=destination) as scene:
        await scene.control("platform/end", {})
        await destination.reach(notices=1)
        await scene.advance(1)
        await destination.reach(notices=2)
        await scene.advance(2)
        await destination.reach(notices=3)
        await scene.advance(60)

        assert len(destination.notices) == 3
        assert (await notices(scene))["failed"] == 1


@pytest.mark.parametrize("status", [400, 404, 302])
async def test_a_notice_that_is_refused_is_not_tried_again(status: int) -> None:
    destination = Destination(notice_statuses=[status])
    async with a_platform(destination=destination) as scene:
        await scene.control("platform/end", {})
        await destination.reach(notices=1)
        await scene.advance(60)

        assert len(destination.notices) == 1
        assert (await notices(scene))["failed"] == 1


async def test_a_subscriber_who_wants_e_mail_only_gets_no_notice() -> None:
    async with a_platform(notification_url=None, notification_secret=None) as scene:
        await scene.control("platform/end", {})
        await anyio.wait_all_tasks_blocked()

        assert scene.destination.notices == []
        assert await notices(scene) == {"emails": 1}


async def test_notices_can_be_lost_and_be_sent_without_a_cause() -> None:
    async with a_platform(lose_notices=True) as scene:
        await scene.control("platform/end", {})
        await anyio.wait_all_tasks_blocked()
        assert scene.destination.notices == []
        assert (await notices(scene))["lost"] == 1

        await scene.set(lose_notices=False)
        body = {"notification_type": "subscription.revoked", "reason": "for fun"}
        await scene.control("platform/notices", body)
        await scene.destination.reach(notices=1)
        (told,) = scene.destination.told()
        assert (told["notification_type"], told["reason"]) == ("subscription.revoked", "for fun")
        assert (await scene.subscription())["status"] == "suspended"


async def test_a_connection_that_is_removed_revokes() -> None:
    async with a_platform() as scene:
        (known,) = await scene.subscriptions()
        await scene.control(
            "platform/end", {"subscription_id": known["id"], "revoke": True, "reason": "gone"}
        )
        await scene.destination.reach(notices=1)

        assert (await scene.subscription())["status"] == "revoked"
        assert scene.destination.told()[0]["notification_type"] == "subscription.revoked"


async def test_any_event_can_be_sent() -> None:
    async with a_platform() as scene:
        sent = await scene.control(
            "platform/events",
            {"type": "com.akeneo.pim.v2.moved", "data": {"x": [1]}, "id": "i", "time": "never"},
        )

        (body,) = scene.destination.bodies()
        assert sent == {"subscriptions": 1, "delivered": True}
        assert (body["type"], body["data"], body["id"], body["time"]) == (
            *("com.akeneo.pim.v2.moved", {"x": [1]}),
            *("i", "never"),
        )
        only = await scene.control(
            "platform/events", {"type": f"{TYPE}x", "subscription_id": "another"}
        )
        assert only["subscriptions"] == 0


async def test_settings_are_changed_by_name_and_wrong_ones_refused() -> None:
    async with a_platform() as scene:
        await scene.set(retry_delays_s=[1, 2, 3], content_type="application/cloudevents+json")
        settings = as_object((await scene.scene.look("platform"))["settings"])
        assert settings["retry_delays_s"] == [1.0, 2.0, 3.0]

        for wrong in (
            {"colour": "red"},
            {"content_type": "text/plain"},
            {"parallel": "many"},
            {"parallel": 0},
            {"rate_down": 2},
        ):
            answer = await scene.scene.client.post("/_simulator/platform", json={"settings": wrong})
            assert answer.status_code == 422
        await scene.edit()
        content_type = scene.destination.got[0].headers["Content-Type"]
        assert content_type == "application/cloudevents+json"


async def test_no_secret_is_in_the_state() -> None:
    async with a_platform() as scene:
        text = str(await scene.scene.look("platform"))

        assert PRIMARY not in text
        assert NOTICE_SECRET not in text
        assert NOTICES in text


@pytest.mark.parametrize(("rate", "count"), [(0.0, 20), (1.0, 0)])
async def test_dropped_deliveries_never_come(rate: float, count: int) -> None:
    async with a_platform() as scene:
        await scene.control("faults", {"drop": rate})
        await scene.edit(20)

        assert len(scene.destination.got) == count
        assert (await scene.subscription())["outstanding"] == 0


async def test_repeated_deliveries_bring_the_same_bytes_again() -> None:
    async with a_platform() as scene:
        await scene.control("faults", {"repeat": 1.0})
        await scene.edit(3)
        await scene.destination.reach(6)

        assert len({request.content for request in scene.destination.got}) == 3
        assert (await scene.counts())["repeated"] == 3


async def test_shuffled_and_late_deliveries_come_in_another_order() -> None:
    async with a_platform(products=50) as scene:
        await scene.control(
            "faults",
            {"shuffle": 0.5, "delay": 0.2, "shuffle_window_seconds": 0.2, "delay_seconds": 0.1},
        )
        for number in range(40):
            body = {"type": UPDATED, "data": {"number": number}, "wait": False}
            await scene.control("platform/events", body)
        await scene.destination.reach(40)

        ids = [str(body["id"]) for body in scene.destination.bodies()]
        counts = await scene.counts()
        assert len(set(ids)) == len(ids) == counts["events"]
        assert counts["shuffled"]
        assert counts["delayed"]
        assert numbers(scene) != sorted(numbers(scene))


def numbers(scene: PlatformScene) -> list[int]:
    """What the events were numbered with, in the order of their arrival."""
    return [as_count(as_object(body["data"])["number"]) for body in scene.destination.bodies()]


def as_count(value: object) -> int:
    assert isinstance(value, int)
    return value


async def test_forged_events_come_on_top_and_nobody_we_know_signed_them() -> None:
    async with a_platform() as scene:
        await scene.control("faults", {"forge": 1.0})
        await scene.edit(3)
        await scene.destination.reach(6)

        forged = [
            request
            for request in scene.destination.got
            if request.headers["X-AKENEO-SIGNATURE-PRIMARY"] != sign_body(PRIMARY, request.content)
        ]
        assert len(forged) == 3
        assert all(b".deleted" in request.content for request in forged)
        assert (await scene.counts())["delivered"] == 3


async def test_subscriptions_of_a_kept_shop_are_there_again(tmp_path: Path) -> None:
    shop = {"shop": tmp_path / "shop.db"}
    async with a_platform(url=None, pim=shop) as scene:
        owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
        path = f"subscribers/{owner['id']}/subscriptions"
        made = await scene.managed("POST", path, subscription_body(), expect=201)
        await scene.advance(181)
    async with a_platform(url=None, pim=shop) as scene:
        assert await scene.managed("GET", f"{path}/{made['id']}") == made
        scene.scene.clock.go_on(181)
        await scene.edit()
        (request,) = scene.destination.got
        assert request.headers["X-AKENEO-SIGNATURE-PRIMARY"] == sign_body(PRIMARY, request.content)
        await scene.managed("POST", f"{path}/{made['id']}/suspend", expect=202)
    async with a_platform(url=None, pim=shop) as scene:
        (again,) = as_list(await scene.manage("GET", path))
        assert as_object(again)["status"] == "suspended"


async def test_the_ready_made_subscription_of_a_kept_shop_is_active_at_each_start(
    tmp_path: Path,
) -> None:
    shop = {"shop": tmp_path / "shop.db"}
    async with a_platform(pim=shop) as scene:
        await scene.control("platform/end", {})
    async with a_platform(pim=shop, primary_secret="another-primary-secret") as scene:
        await scene.edit()
        (request,) = scene.destination.got
        assert request.headers["X-AKENEO-SIGNATURE-PRIMARY"] == sign_body(
            "another-primary-secret", request.content
        )
        assert len(await scene.subscriptions()) == 1
