"""What the Event Platform sends: one signed event a request, to whom is told of events."""

import pytest

from pim.event_platform import sign_body
from pim.json_types import as_list, as_object
from tests.integration.simulator.pim_scene import BASE
from tests.integration.simulator.platform_scene import (
    CREATED,
    DELETED,
    PRIMARY,
    SECONDARY,
    UPDATED,
    URL,
    Destination,
    a_platform,
    subscriber_body,
    subscription_body,
)

pytestmark = pytest.mark.anyio


async def test_each_event_is_a_request_of_its_own_that_both_secrets_sign() -> None:
    async with a_platform() as scene:
        await scene.control("edits", {"operations": 30, "bulk": 10})

        requests = scene.destination.got
        assert len(requests) >= 10
        for request in requests:
            assert (request.method, str(request.url)) == ("POST", URL)
            headers = request.headers
            assert headers["X-AKENEO-SIGNATURE-PRIMARY"] == sign_body(PRIMARY, request.content)
            assert headers["X-AKENEO-SIGNATURE-SECONDARY"] == sign_body(SECONDARY, request.content)
            assert headers["X-AKENEO-SIGNATURE-ALGORITHM"] == "HmacSHA256"
        ids = [body["id"] for body in scene.destination.bodies()]
        assert len(set(ids)) == len(ids)


async def test_an_event_has_the_members_of_a_cloud_event() -> None:
    async with a_platform() as scene:
        uuid = await scene.a_uuid()
        await scene.change(uuid, {"identifier": "X"})

        (body,) = scene.destination.bodies()
        (subscription,) = await scene.subscriptions()
        assert [*body] == [
            *("specversion", "id", "source", "type", "subject"),
            *("datacontenttype", "dataschema", "time", "data"),
        ]
        assert body["type"] == UPDATED
        assert body["subject"] == subscription["id"]
        assert body["time"] == "2026-03-05T12:00:00Z"
        assert str(body["dataschema"]).endswith(f"/spec/{UPDATED}.schema.json")
        assert as_object(body["data"])["product"] == {"uuid": uuid}


async def test_without_a_second_secret_there_is_one_signature() -> None:
    async with a_platform(secondary_secret=None) as scene:
        await scene.edit()

        (request,) = scene.destination.got
        assert "X-AKENEO-SIGNATURE-PRIMARY" in request.headers
        assert "X-AKENEO-SIGNATURE-SECONDARY" not in request.headers


async def test_creation_change_and_removal_are_told_as_such() -> None:
    async with a_platform() as scene:
        await scene.control("products", {"changes": {"identifier": "NEW"}})
        await scene.edit()
        await scene.scene.client.delete(f"/_simulator/products/{await scene.a_uuid()}")

        told = [body["type"] for body in scene.destination.bodies()]
        assert told == [CREATED, UPDATED, DELETED]


async def test_a_silent_change_is_told_to_nobody_here_either() -> None:
    async with a_platform() as scene:
        await scene.change(await scene.a_uuid(), {"identifier": "X"}, silent=True)

        assert scene.destination.got == []


async def test_the_connections_own_saves_are_told_and_name_its_client() -> None:
    async with a_platform() as scene:
        uuid = await scene.a_uuid()
        await scene.change(uuid, {"identifier": "A"}, author="demo_connection")
        await scene.change(uuid, {"identifier": "B"}, author="other_connection")
        await scene.change(uuid, {"identifier": "C"})

        own, other, person = (
            as_object(as_object(body["data"])["author"]) for body in scene.destination.bodies()
        )
        assert own == {"identifier": "demo_client", "type": "api"}
        assert other["type"] == "api"
        assert str(other["identifier"]).startswith("5_")
        assert person["type"] == "user"


async def test_a_new_subscription_is_told_after_some_minutes() -> None:
    async with a_platform(url=None) as scene:
        owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
        path = f"subscribers/{owner['id']}/subscriptions"
        await scene.managed("POST", path, subscription_body(), expect=201)

        await scene.edit()
        await scene.advance(179)
        await scene.edit()
        assert scene.destination.got == []
        assert (await scene.counts())["lost_before_active"] == 2
        await scene.advance(2)
        await scene.edit()
        assert len(scene.destination.got) == 1


async def test_what_was_before_a_change_goes_on_for_some_minutes() -> None:
    async with a_platform() as scene:
        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"
        other = "another-primary-secret"
        await scene.managed("PATCH", path, {"config": {"secret": {"primary": other}}})

        await scene.edit()
        await scene.advance(181)
        await scene.edit()
        first, second = scene.destination.got
        header = "X-AKENEO-SIGNATURE-PRIMARY"
        assert first.headers[header] == sign_body(PRIMARY, first.content)
        assert second.headers[header] == sign_body(other, second.content)


async def test_headers_of_the_subscription_are_sent_along() -> None:
    async with a_platform(url=None, activation_delay_s=0.0) as scene:
        owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
        body = subscription_body()
        as_object(body["config"])["headers"] = {"X-Route": "akeneo"}
        await scene.managed("POST", f"subscribers/{owner['id']}/subscriptions", body, expect=201)
        await scene.edit()

        assert scene.destination.got[0].headers["X-Route"] == "akeneo"


async def test_a_filter_lets_only_its_events_pass() -> None:
    async with a_platform(url=None, activation_delay_s=0.0) as scene:
        owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
        body = subscription_body(filter='not user_type="api"')
        await scene.managed("POST", f"subscribers/{owner['id']}/subscriptions", body, expect=201)
        uuid = await scene.a_uuid()
        await scene.change(uuid, {"identifier": "A"}, author="demo_connection")
        await scene.change(uuid, {"identifier": "B"})

        assert len(scene.destination.got) == 1
        assert (await scene.counts())["filtered"] == 1


async def test_product_events_name_the_identifier_if_that_is_asked_for() -> None:
    async with a_platform(url=None, activation_delay_s=0.0) as scene:
        owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
        body = subscription_body(send_product_identifier=True)
        await scene.managed("POST", f"subscribers/{owner['id']}/subscriptions", body, expect=201)
        uuid = await scene.a_uuid()
        await scene.change(uuid, {"identifier": "A"})

        data = as_object(scene.destination.bodies()[0]["data"])
        assert data["product"] == {"uuid": uuid, "identifier": "A"}


async def test_the_subscription_of_the_command_line_is_there_with_stable_ids() -> None:
    found = []
    for _ in range(2):
        async with a_platform() as scene:
            (subscriber,) = as_list(await scene.manage("GET", "subscribers"))
            (subscription,) = await scene.subscriptions()
            found.append((as_object(subscriber)["id"], subscription["id"]))
            assert subscription["status"] == "active"
            assert subscription["subject"] == BASE

    assert found[0] == found[1]


async def test_paused_deliveries_of_the_platform_wait_too() -> None:
    destination = Destination()
    async with a_platform(destination=destination) as scene:
        await scene.control("deliveries/pause")
        await scene.control("products", {"changes": {"identifier": "NEW"}, "wait": False})
        assert (await scene.subscription())["outstanding"] == 1
        await scene.control("deliveries/resume")
        await scene.edit()

        assert len(destination.got) == 2
