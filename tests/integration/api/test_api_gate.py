"""Who is let in, how often, and what is not sent twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing

import pytest

from api.config import ApiConfig
from api.gate import Bucket
from storage import Store, open_store
from storage.state import list_tokens, make_token, revoke_token
from tests.integration.api.api_scene import Caller, opened_api, shown, token_of
from tests.store_builders import NOW, write

pytestmark = pytest.mark.anyio

PATHS = ("/changes", "/products", "/products/SKU-1", "/structure/family", "/nothing", "/docs", "/")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("sent", [None, "", "aks_made-up", "Bearer"])
async def test_nothing_is_told_without_a_good_token(
    caller: Caller, path: str, sent: str | None
) -> None:
    stranger = Caller(caller.client, sent)
    answer = await stranger.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert set(answer.json()) == {"detail"}


async def test_health_and_description_are_open(caller: Caller) -> None:
    stranger = Caller(caller.client, None)
    assert (await stranger.get("/livez")).json() == {"status": "alive"}
    assert "/changes" in (await stranger.get("/openapi.json")).json()["paths"]


async def test_a_revoked_token_is_refused_and_its_name_may_have_another(store: Store) -> None:
    async with opened_api(store, ApiConfig(token_seconds=0)) as client:
        first = Caller(client, token_of(store, "shop"))
        assert (await first.get("/products")).status_code == 200
        assert store.run(lambda tx: make_token(tx, "shop", now=NOW)) is None
        assert store.run(lambda tx: revoke_token(tx, "shop", now=NOW))
        assert not store.run(lambda tx: revoke_token(tx, "shop", now=NOW))
        assert (await first.get("/products")).status_code == 401
        second = Caller(client, token_of(store, "shop"))
        assert (await second.get("/products")).status_code == 200
        assert (await first.get("/products")).status_code == 401


def test_the_store_keeps_no_token(store: Store) -> None:
    token = token_of(store, "shop")
    with store.read() as tx:
        assert token not in repr(list_tokens(tx))
        stored = tx.connection.exec_driver_sql("SELECT * FROM api_token").all()
    assert token not in repr(stored)


async def test_too_many_calls_are_429_for_that_token_alone(store: Store) -> None:
    async with opened_api(store, ApiConfig(calls_per_second=0.001, burst=2000)) as client:
        busy, other = (Caller(client, token_of(store, name)) for name in ("busy", "other"))
        codes = [(await busy.get("/products")).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert int((await busy.get("/products")).headers["Retry-After"]) > 1
        assert (await other.get("/products")).status_code == 200
        assert (await Caller(client, None).get("/livez")).status_code == 200


def test_a_bucket_fills_at_its_rate_and_no_further() -> None:
    bucket = Bucket(rate=2.0, size=3.0, level=3.0, filled_at=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert bucket.take(0.5) == 0.0
    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


async def test_what_the_caller_has_is_not_sent_again(caller: Caller, store: Store) -> None:
    write(store, shown(1, 1))
    for path in ("/products", "/products/SKU-1", "/changes", "/structure/family"):
        first = await caller.get(path)
        again = await caller.get(path, If_None_Match=f'"x", {first.headers["ETag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    before = (await caller.get("/products/SKU-1")).headers["ETag"]
    write(store, shown(1, 3, name="Bow"))
    assert (await caller.get("/products/SKU-1", If_None_Match=before)).status_code == 200


async def test_long_answers_are_packed_for_who_can_unpack_them(
    caller: Caller, store: Store
) -> None:
    write(store, *(shown(n, 1) for n in range(10)))
    packed = await caller.get("/products", Accept_Encoding="gzip")
    plain = await caller.get("/products", Accept_Encoding="identity")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content


async def test_a_store_that_is_away_is_503(
    postgres_url: str, postgres_outage: Callable[[], AbstractContextManager[None]]
) -> None:
    with closing(open_store(postgres_url)) as store:
        known, new = token_of(store, "known"), token_of(store, "new")
        async with opened_api(store, ApiConfig(token_seconds=600)) as client:
            assert (await Caller(client, known).get("/products")).status_code == 200
            with postgres_outage():
                for token in (known, new):
                    answer = await Caller(client, token).get("/products")
                    assert answer.status_code == 503
                    assert answer.headers["Retry-After"]
            assert (await Caller(client, new).get("/products")).status_code == 200
