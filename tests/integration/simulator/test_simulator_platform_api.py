"""The management API of the Event Platform: subscribers, subscriptions, who may call."""

from collections.abc import Mapping

import pytest

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.config import EventPlatformConfig
from tests.integration.simulator.pim_scene import BASE
from tests.integration.simulator.platform_scene import (
    HEADERS,
    NOTICE_SECRET,
    NOTICES,
    PRIMARY,
    UPDATED,
    URL,
    PlatformScene,
    a_platform,
    subscriber_body,
    subscription_body,
)

pytestmark = pytest.mark.anyio
NOBODY = "0190fe8a-1111-7abc-8a9f-ba36a5ef0001"
WEBHOOK: JsonObject = {
    "notification_channels": ["email", "webhook"],
    "notification_webhook_url": NOTICES,
    "notification_webhook_secret": NOTICE_SECRET,
}


async def an_owner(scene: PlatformScene) -> str:
    owner = await scene.managed("POST", "subscribers", subscriber_body(), expect=201)
    return f"subscribers/{owner['id']}"


async def subscribe(scene: PlatformScene, owner: str) -> JsonObject:
    path = f"{owner}/subscriptions"
    return await scene.managed("POST", path, subscription_body(), expect=201)


def messages(answer: JsonObject) -> list[str]:
    return [str(as_object(each)["message"]) for each in as_list(answer["errors"])]


async def test_a_subscriber_is_made_shown_changed_and_deleted() -> None:
    async with a_platform(url=None) as scene:
        body = subscriber_body(**WEBHOOK)
        made = await scene.managed("POST", "subscribers", body, expect=201)
        path = f"subscribers/{made['id']}"

        contact = as_object(made["contact"])
        assert (made["name"], made["status"], made["subject"]) == ("akeneo-sync", "active", BASE)
        assert "notification_webhook_secret" not in contact
        assert str(made["created_at"]).endswith(".250000000Z")
        assert await scene.managed("GET", path) == made
        assert await scene.manage("GET", "subscribers") == [made]

        scene.scene.clock.go_on(60)
        changed = await scene.managed(
            "PATCH", path, {"name": "other", "contact": {"notification_channels": []}}
        )
        assert changed["name"] == "other"
        assert as_object(changed["contact"])["notification_channels"] == ["email"]
        assert changed["updated_at"] != made["updated_at"]

        gone = await scene.managed("DELETE", path)
        assert gone["status"] == "deleted"
        await scene.managed("GET", path, expect=404)
        await scene.managed("DELETE", path, expect=404)


async def test_a_subscription_is_made_shown_changed_and_deleted_without_its_secrets() -> None:
    async with a_platform(url=None) as scene:
        owner = await an_owner(scene)
        body = subscription_body()
        as_object(body["config"])["headers"] = {"X-Route": "akeneo"}
        made = await scene.managed("POST", f"{owner}/subscriptions", body, expect=201)
        path = f"{owner}/subscriptions/{made['id']}"

        hidden = "***redacted***"
        assert made["config"] == {
            "url": URL,
            "secret": {"primary": hidden, "secondary": hidden},
            "headers": {"X-Route": hidden},
        }
        assert (made["status"], made["source"], made["type"]) == ("active", "pim", "https")
        assert made["send_product_identifier"] is False
        assert {"created_at", "updated_at"} <= made.keys()
        assert await scene.managed("GET", path) == made
        assert await scene.manage("GET", f"{owner}/subscriptions") == [made]

        changed = await scene.managed("PATCH", path, {"events": [UPDATED]})
        assert changed["events"] == [UPDATED]
        assert changed["config"] == made["config"]

        gone = await scene.managed("DELETE", path)
        assert gone["status"] == "deleted"
        await scene.managed("GET", path, expect=404)
        assert await scene.manage("GET", f"{owner}/subscriptions") is None


async def test_suspending_and_resuming_are_accepted_and_refused_once_it_is_deleted() -> None:
    async with a_platform(url=None) as scene:
        owner = await an_owner(scene)
        made = await subscribe(scene, owner)
        path = f"{owner}/subscriptions/{made['id']}"

        suspended = await scene.managed("POST", f"{path}/suspend", expect=202)
        assert suspended["status"] == "suspended"
        assert (await scene.managed("GET", path))["status"] == "suspended"
        resumed = await scene.managed("POST", f"{path}/resume", expect=202)
        assert resumed["status"] == "active"
        await scene.managed("DELETE", path)
        for action in ("suspend", "resume"):
            answer = await scene.managed("POST", f"{path}/{action}", expect=409)
            assert messages(answer) == ["subscription is deleted"]


@pytest.mark.parametrize("path", ["", "/subscriptions", f"/subscriptions/{NOBODY}"])
async def test_what_is_not_there_is_404(path: str) -> None:
    async with a_platform(url=None) as scene:
        answer = await scene.managed("GET", f"subscribers/{NOBODY}{path}", expect=404)

        assert messages(answer) == ["subscriber not found"]
        await scene.managed("GET", f"{await an_owner(scene)}/subscriptions/{NOBODY}", expect=404)


async def test_an_unknown_route_is_refused_in_the_platforms_words() -> None:
    async with a_platform(url=None) as scene:
        assert messages(await scene.managed("POST", "benchmark", {}, expect=404))
        assert messages(await scene.managed("PUT", "subscribers", {}, expect=405))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-PIM-URL": ""},
        {"X-PIM-CLIENT-ID": ""},
        {"X-PIM-TOKEN": ""},
        {"X-PIM-TOKEN": "unknown"},
        {"X-PIM-TOKEN": "Bearer the-app"},
    ],
)
async def test_who_does_not_say_who_he_is_gets_401(headers: Mapping[str, str]) -> None:
    async with a_platform(url=None) as scene:
        given = {**HEADERS, **headers} if headers else {}
        answer = await scene.manage("GET", "subscribers", expect=401, headers=given)

        assert messages(as_object(answer))


async def test_a_bearer_of_the_token_endpoint_is_good_until_it_ends() -> None:
    async with a_platform(url=None) as scene:
        grant = {"grant_type": "password", "username": "demo_connection"}
        bearer = await scene.scene.client.post(
            "/api/oauth/v1/token",
            json={**grant, "password": "demo_password"},
            auth=("demo_client", "demo_client_secret"),
        )
        headers = {**HEADERS, "X-PIM-TOKEN": bearer.json()["access_token"]}

        await scene.manage("GET", "subscribers", headers=headers)
        scene.scene.clock.go_on(3601)
        await scene.manage("GET", "subscribers", expect=401, headers=headers)


async def test_another_client_sees_nothing_of_it() -> None:
    async with a_platform() as scene:
        other = {**HEADERS, "X-PIM-CLIENT-ID": "5_other"}
        (known,) = await scene.subscriptions()
        owner = f"subscribers/{known['subscriber_id']}"

        assert await scene.manage("GET", "subscribers", headers=other) is None
        for path in (owner, f"{owner}/subscriptions", f"{owner}/subscriptions/{known['id']}"):
            await scene.manage("GET", path, expect=404, headers=other)
        await scene.manage("DELETE", owner, expect=404, headers=other)
        assert as_object(await scene.manage("GET", "logs", headers=other))["items"] is None


async def test_a_pim_has_twenty_subscribers_and_each_twenty_subscriptions() -> None:
    async with a_platform(url=None) as scene:
        owners = [await an_owner(scene) for _ in range(20)]
        answer = await scene.managed("POST", "subscribers", subscriber_body(), expect=409)
        assert messages(answer) == ["maximum number of subscribers reached"]
        for _ in range(20):
            await subscribe(scene, owners[0])
        await scene.managed("POST", f"{owners[0]}/subscriptions", subscription_body(), expect=409)
        await subscribe(scene, owners[1])

        await scene.managed("DELETE", owners[2])
        await an_owner(scene)


@pytest.mark.parametrize(
    ("contact", "why"),
    [
        ({"technical_email": ""}, "contact.technical_email must be an e-mail address"),
        ({"notification_channels": ["fax"]}, "contact.notification_channels must be of"),
        (
            {**WEBHOOK, "notification_webhook_url": "nowhere"},
            "contact.notification_webhook_url must be a URL",
        ),
        (
            {**WEBHOOK, "notification_webhook_secret": "short"},
            "contact.notification_webhook_secret must have between 16 and 256 characters",
        ),
    ],
)
async def test_a_subscriber_that_cannot_be_is_refused(contact: JsonObject, why: str) -> None:
    async with a_platform(url=None) as scene:
        answer = await scene.managed("POST", "subscribers", subscriber_body(**contact), expect=400)

        (message,) = messages(answer)
        assert message.startswith(why)


def config(**more: JsonValue) -> JsonObject:
    return {"config": {"url": URL, "secret": {"primary": PRIMARY}, **more}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source": "benchmark"}, "source must be pim"),
        ({"subject": "pim"}, "subject must be the URL"),
        ({"type": "amqp"}, "type must be one of"),
        ({"events": []}, "events must not be empty"),
        ({"events": ["com.akeneo.pim.v1.family-variant.created"]}, "events: unknown event type"),
        ({"send_product_identifier": "yes"}, "send_product_identifier must be a boolean"),
        ({"filter": "user=julia"}, "filter: a value in double quotes"),
        ({"filter": 7}, "filter must be a text"),
        ({"type": "pubsub", "config": {"project_id": "p"}}, "config.topic_id is required"),
        ({"type": "kafka", "config": {"broker": "b"}}, "config.topic is required"),
        (config(url="ftp://x.test/"), "config.url must be a URL"),
        (config(secret={}), "config.secret.primary must have between 16 and 256"),
        (config(secret={"primary": "a" * 15}), "config.secret.primary must have between"),
        (config(secret={"primary": "a" * 257}), "config.secret.primary must have between"),
        (
            config(secret={"primary": PRIMARY, "secondary": "***redacted***"}),
            "config.secret.secondary must have between",
        ),
        (config(headers={f"X-{n}": "v" for n in range(6)}), "config.headers must not hold more"),
        (config(headers={"X_A": "v"}), "config.headers: X_A is no name"),
        (config(headers={"X" * 129: "v"}), "config.headers: XX"),
        (config(headers={"authorization": "v"}), "config.headers: authorization is reserved"),
        (
            config(headers={"X-Akeneo-Signature-Primary": "v"}),
            "config.headers: X-Akeneo-Signature-Primary is reserved",
        ),
        (config(headers={"X-A": "é"}), "config.headers: the value of X-A"),
        (config(headers={"X-A": "v" * 257}), "config.headers: the value of X-A"),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(changes: JsonObject, why: str) -> None:
    async with a_platform(url=None) as scene:
        owner = await an_owner(scene)
        body = {**subscription_body(), **changes}
        answer = await scene.managed("POST", f"{owner}/subscriptions", body, expect=400)

        (message,) = messages(answer)
        assert message.startswith(why)
        assert await scene.manage("GET", f"{owner}/subscriptions") is None


async def test_bodies_that_are_no_json_object_are_refused() -> None:
    async with a_platform(url=None) as scene:
        await scene.managed("POST", "subscribers", [], expect=400)
        answer = await scene.scene.client.post(
            "/event-platform/api/v1/subscribers", content=b"{", headers=HEADERS
        )
        assert answer.status_code == 400


async def test_without_the_permission_subscriptions_are_refused_and_suspended() -> None:
    async with a_platform() as scene:
        owner = await an_owner(scene)
        await scene.set(checkbox=False)
        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"

        assert known["status"] == "suspended"
        answer = await scene.managed(
            "POST", f"{owner}/subscriptions", subscription_body(), expect=403
        )
        assert messages(answer)
        await scene.managed("POST", f"{path}/resume", expect=403)
        await scene.destination.reach(notices=1)
        assert scene.destination.told()[0]["reason"] == "Permission was removed"

        await scene.set(checkbox=True)
        await scene.managed("POST", f"{path}/resume", expect=202)
        await subscribe(scene, owner)


async def test_without_the_permission_from_the_start_the_ready_made_one_is_suspended() -> None:
    async with a_platform(checkbox=False) as scene:
        await scene.edit()

        assert (await scene.subscription())["status"] == "suspended"
        assert scene.destination.got == []


async def test_logs_tell_errors_and_actions_of_ones_own_subscriptions() -> None:
    async with a_platform(success_min_attempts=1000) as scene:
        (known,) = await scene.subscriptions()
        path = f"subscribers/{known['subscriber_id']}/subscriptions/{known['id']}"
        scene.destination.statuses = [500, 404]
        await scene.edit(2)
        await scene.managed("POST", f"{path}/resume", expect=202)
        await scene.managed("POST", f"{path}/suspend", expect=202)

        query = f"logs?log_type=error&order=asc&limit=50&subscription_id={known['id']}"
        errors = [as_object(each) for each in as_list((await scene.managed("GET", query))["items"])]
        assert [(each["error_reason"], each["error_code"]) for each in errors] == [
            ("destination_failure", 500),
            ("destination_not_found", 404),
        ]
        assert errors[0]["operation"] == "failed_to_deliver_event"
        assert errors[0]["error_type"] == "failed_delivery"
        assert errors[0]["subscription_id"] == known["id"]
        newest = await scene.managed("GET", "logs?log_type=action&order=desc&limit=2")
        actions = [as_object(each)["operation"] for each in as_list(newest["items"])]
        assert actions == ["subscription_suspended_by_the_user", "subscription_resumed"]
        assert PRIMARY not in str(newest)
        await scene.managed("GET", "logs?limit=many", expect=400)
        await scene.managed("GET", "logs?log_type=gossip", expect=400)


async def test_like_errors_within_five_minutes_are_one_entry() -> None:
    async with a_platform(success_min_attempts=1000) as scene:
        scene.destination.status = 400
        await scene.edit(2)
        await scene.advance(301)
        await scene.edit()

        items = as_list((await scene.managed("GET", "logs?log_type=error"))["items"])
        assert len(items) == 2


async def test_a_refused_body_is_in_the_logs_without_an_id() -> None:
    async with a_platform(url=None) as scene:
        owner = await an_owner(scene)
        await scene.managed("POST", f"{owner}/subscriptions", {"source": "pim"}, expect=400)

        (entry,) = as_list((await scene.managed("GET", "logs?log_type=error"))["items"])
        assert as_object(entry)["error_type"] == "validation_error"
        assert as_object(entry)["subscription_id"] == ""


async def test_prepared_answers_are_given_by_the_management_api_too() -> None:
    async with a_platform(url=None) as scene:
        await scene.control("answers", {"path": "/event-platform/", "status": 503})
        answer = await scene.managed("GET", "subscribers", expect=503)

        assert messages(answer) == ["Service Unavailable"]
        await scene.manage("GET", "subscribers")
        owner = await an_owner(scene)
        await scene.managed("GET", owner)
        calls = as_list((await scene.scene.look("requests"))["calls"])
        paths = {str(as_object(each)["path"]) for each in calls}
        assert "/event-platform/api/v1/subscribers/{id}" in paths


async def test_settings_are_what_the_config_says() -> None:
    async with a_platform(url=None, parallel=3) as scene:
        settings = as_object((await scene.scene.look("platform"))["settings"])

        assert settings["parallel"] == 3
        assert settings["rate_start"] == EventPlatformConfig().rate_start
        assert not [name for name in settings if name.endswith("secret")]
