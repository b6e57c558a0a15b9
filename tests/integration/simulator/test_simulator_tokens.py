import base64

import httpx
import pytest

from tests.integration.simulator.pim_scene import Scene, a_scene

pytestmark = pytest.mark.anyio

CLIENT = ("demo_client", "demo_client_secret")
PASSWORD = {"grant_type": "password", "username": "demo_connection", "password": "demo_password"}


async def ask(
    scene: Scene, body: dict[str, str], client: tuple[str, str] = CLIENT
) -> httpx.Response:
    return await scene.client.post("/api/oauth/v1/token", json=body, auth=client)


async def refresh(scene: Scene, token: str) -> httpx.Response:
    return await ask(scene, {"grant_type": "refresh_token", "refresh_token": token})


async def call(scene: Scene, authorization: str | None) -> httpx.Response:
    headers = {"Authorization": authorization or ""}
    return await scene.client.get("/api/rest/v1/channels", headers=headers)


async def test_a_password_gets_a_bearer_that_opens_the_api() -> None:
    async with a_scene(5, token_seconds=600) as scene:
        token = (await ask(scene, PASSWORD)).json()

        assert sorted(token) == [
            "access_token",
            "expires_in",
            "refresh_token",
            "scope",
            "token_type",
        ]
        assert (token["expires_in"], token["token_type"]) == (600, "bearer")
        assert (await call(scene, f"Bearer {token['access_token']}")).status_code == 200


async def test_the_token_endpoint_takes_a_form_too() -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.post("/api/oauth/v1/token", data=PASSWORD, auth=CLIENT)

        assert answer.status_code == 200


async def test_a_bearer_ends() -> None:
    async with a_scene(5, token_seconds=600) as scene:
        token = (await ask(scene, PASSWORD)).json()["access_token"]
        scene.clock.go_on(600)

        answer = await call(scene, f"Bearer {token}")

        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "The access token provided has expired."}


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer unknown", "Basic eDp5"])
async def test_without_a_good_bearer_the_api_is_closed(authorization: str | None) -> None:
    async with a_scene(5) as scene:
        answer = await call(scene, authorization)

        assert answer.status_code == 401
        assert answer.json()["code"] == 401
        assert set(answer.json()) == {"code", "message"}


async def test_a_refresh_token_is_good_for_one_exchange() -> None:
    async with a_scene(5) as scene:
        first = (await ask(scene, PASSWORD)).json()

        second = await refresh(scene, first["refresh_token"])
        again = await refresh(scene, first["refresh_token"])

        assert second.status_code == 200
        assert second.json()["refresh_token"] != first["refresh_token"]
        assert again.status_code == 422
        assert again.json()["code"] == 422


async def test_the_bearer_before_a_refresh_stays_good_until_it_ends() -> None:
    async with a_scene(5) as scene:
        first = (await ask(scene, PASSWORD)).json()
        await refresh(scene, first["refresh_token"])

        assert (await call(scene, f"Bearer {first['access_token']}")).status_code == 200


async def test_a_refresh_token_ends_after_fourteen_days() -> None:
    async with a_scene(5) as scene:
        first = (await ask(scene, PASSWORD)).json()
        scene.clock.go_on(14 * 86_400)

        assert (await refresh(scene, first["refresh_token"])).status_code == 422


@pytest.mark.parametrize("client", [("demo_client", "wrong"), ("other", "demo_client_secret")])
async def test_a_bad_client_is_unprocessable(client: tuple[str, str]) -> None:
    async with a_scene(5) as scene:
        answer = await ask(scene, PASSWORD, client)

        assert answer.status_code == 422
        assert answer.json() == {
            "code": 422,
            "message": 'Parameter "client_id" is missing or does not match any client, '
            "or secret is invalid",
        }


@pytest.mark.parametrize(
    "authorization", ["", "Basic not-base64", "Basic " + base64.b64encode(b"\xff\xfe").decode()]
)
async def test_an_unreadable_client_is_a_bad_client(authorization: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.post(
            "/api/oauth/v1/token", json=PASSWORD, headers={"Authorization": authorization}
        )

        assert answer.status_code == 422


@pytest.mark.parametrize(
    "grant",
    [
        {**PASSWORD, "password": "wrong"},
        {**PASSWORD, "username": "wrong"},
        {"grant_type": "client_credentials"},
        {"username": "demo_connection"},
    ],
)
async def test_a_bad_grant_is_unprocessable(grant: dict[str, str]) -> None:
    async with a_scene(5) as scene:
        assert (await ask(scene, grant)).status_code == 422


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"[]", 400),
        ("text/plain", b"{}", 415),
        ("", b"{}", 415),
    ],
)
async def test_a_token_request_that_cannot_be_read(
    content_type: str, content: bytes, status: int
) -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.post(
            "/api/oauth/v1/token",
            content=content,
            auth=CLIENT,
            headers={"Content-Type": content_type},
        )

        assert answer.status_code == status
        assert answer.json()["code"] == status


async def test_an_app_has_a_bearer_for_ever() -> None:
    async with a_scene(5) as scene:
        scene.clock.go_on(10 * 365 * 86_400)

        assert (await call(scene, "Bearer the-app")).status_code == 200


async def test_all_bearers_can_be_ended() -> None:
    async with a_scene(5) as scene:
        first = (await ask(scene, PASSWORD)).json()

        await scene.control("tokens/end", {"refresh": True})

        assert (await call(scene, f"Bearer {first['access_token']}")).status_code == 401
        assert (await refresh(scene, first["refresh_token"])).status_code == 422
