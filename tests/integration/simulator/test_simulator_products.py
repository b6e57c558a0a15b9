import pytest

from tests.integration.simulator.pim_scene import FLAGS, Scene, a_scene, sku_of

pytestmark = pytest.mark.anyio


async def first_named(scene: Scene) -> tuple[str, str]:
    """uuid and identifier of a product that has both."""
    for product in await scene.truth():
        identifier = sku_of(product)
        if isinstance(identifier, str):
            return str(product["uuid"]), identifier
    raise AssertionError("no product has an identifier")


async def test_a_single_read_answers_what_the_truth_says() -> None:
    async with a_scene(20) as scene:
        for product in await scene.truth():
            assert await scene.json(f"products-uuid/{product['uuid']}", **FLAGS) == product


async def test_a_list_shows_what_single_reads_answer() -> None:
    async with a_scene(20) as scene:
        for item in await scene.items("products-uuid", limit="100", **FLAGS):
            item.pop("_links")
            assert await scene.json(f"products-uuid/{item['uuid']}", **FLAGS) == item


async def test_names_are_found_in_any_case() -> None:
    async with a_scene(20) as scene:
        uuid, identifier = await first_named(scene)

        by_uuid = await scene.json(f"products-uuid/{uuid.upper()}")
        by_identifier = await scene.json(f"products/{identifier.lower()}")

        assert by_uuid["uuid"] == by_identifier["uuid"] == uuid
        assert by_identifier["identifier"] == identifier


async def test_an_identifier_may_hold_a_slash() -> None:
    async with a_scene(5) as scene:
        await scene.control("products", {"changes": {"identifier": "A/B 1"}})

        assert (await scene.json("products/A%2FB%201"))["identifier"] == "A/B 1"


@pytest.mark.parametrize(
    "path",
    [
        "products-uuid/00000000-0000-4000-8000-000000000000",
        "products-uuid/not-a-uuid",
        "products/no-such",
        "product-models/no-such",
    ],
)
async def test_what_is_not_there_is_not_found_in_the_pims_own_json(path: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.get(path)

        assert answer.status_code == 404
        assert answer.json()["code"] == 404
        assert answer.headers["Content-Type"] == "application/json"


async def test_a_removed_product_leaves_no_trace() -> None:
    async with a_scene(5) as scene:
        uuid, identifier = await first_named(scene)

        await scene.client.delete(f"/_simulator/products/{uuid}")

        assert (await scene.get(f"products-uuid/{uuid}")).status_code == 404
        assert (await scene.get(f"products/{identifier}")).status_code == 404
        assert uuid not in {product["uuid"] for product in await scene.truth()}


async def test_before_version_7_there_is_no_list_by_uuid() -> None:
    async with a_scene(5, identifier_only=True) as scene:
        item = (await scene.items("products"))[0]

        assert (await scene.get("products-uuid")).status_code == 404
        assert "uuid" not in item
        assert await scene.json(f"products/{item['identifier']}", **FLAGS) in await scene.truth()
        assert (await scene.json("system-information"))["version"] == "6.0.113"


async def test_answers_carry_the_date_of_the_pims_clock() -> None:
    async with a_scene(5) as scene:
        answer = await scene.get("products-uuid")

        assert answer.headers.get_list("Date") == ["Thu, 05 Mar 2026 12:00:00 GMT"]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, application/json;q=0.5"])
async def test_json_is_what_the_api_answers(accept: str) -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.get("/api/rest/v1/channels", headers={"Accept": accept})

        assert answer.status_code == 200


async def test_whoever_takes_no_json_is_turned_away() -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.get("/api/rest/v1/channels", headers={"Accept": "text/csv"})

        assert answer.status_code == 406
        assert answer.json()["code"] == 406


async def test_the_api_of_the_simulator_is_read_only() -> None:
    async with a_scene(5) as scene:
        answer = await scene.client.post("/api/rest/v1/products-uuid", json={})

        assert answer.status_code == 405
        assert answer.json()["code"] == 405
