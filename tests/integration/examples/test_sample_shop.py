"""The sample shop follows the feed, and shows in three languages what it holds."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.shop import Feed, FeedError, Follower, PositionError, Shelf, build_app
from examples.shop.feed import Page, TokenError
from examples.shop.follower import follow_once
from examples.shop.shelf import MovedOnError
from tests.night_parts import wait_until

Answer = Callable[[httpx.Request], httpx.Response]

LAMP: dict[str, Any] = {
    "key": "lamp",
    "identifier": "LMP-1",
    "family": {"code": "lamps", "labels": {"en_US": "Lamps", "de_DE": "Lampen"}},
    "categories": [
        {
            "code": "desk",
            "labels": {"en_US": "Desk", "fr_FR": "Bureau"},
            "path": ["master", "desk"],
            "ancestors": [{"code": "master", "labels": {"en_US": "Shop", "fr_FR": "Boutique"}}],
        }
    ],
    "channels": [{"code": "ecommerce", "labels": {"en_US": "Online shop"}}],
    "completenesses": [{"scope": "ecommerce", "locale": "de_DE", "data": 80}],
    "attributes": {
        "name": {
            "values": [
                {"locale": "en_US", "scope": None, "data": "Arc <lamp>"},
                {"locale": "de_DE", "scope": None, "data": "Bogenleuchte"},
            ]
        },
        "color": {
            "labels": {"en_US": "Colour", "de_DE": "Farbe"},
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": ["red", "odd"],
                    "labels": {"red": {"en_US": "Red", "de_DE": "Rot", "fr_FR": "Rouge"}},
                }
            ],
        },
        "weight": {
            "labels": {"en_US": "Weight"},
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": {"amount": "1.50", "unit": "KILOGRAM"},
                    "labels": {"de_DE": "Kilogramm"},
                }
            ],
        },
    },
}


def named(key: str, name: str) -> dict[str, Any]:
    value = {"locale": "en_US", "scope": None, "data": name}
    return {"key": key, "attributes": {"name": {"values": [value]}}}


def change(seq: int, document: dict[str, Any] | None, key: str = "lamp") -> dict[str, Any]:
    return {"seq": seq, "key": key, "at": f"2026-11-23T12:00:{seq:02d}+00:00", "document": document}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shop.db")


def filled(shelf: Shelf, *documents: dict[str, Any], position: int = 5) -> Shelf:
    shelf.begin_load(position)
    shelf.load([{"document": each} for each in documents], None, "2026-11-23T11:00:00+00:00")
    return shelf


def feed_of(answer: Answer) -> Feed:
    return Feed("http://store.test", "token", transport=httpx.MockTransport(answer))


def test_changes_and_position_move_together_or_not_at_all(shelf: Shelf) -> None:
    filled(shelf, named("lamp", "Old"), named("chair", "Chair"))
    page = Page([change(6, named("lamp", "New")), change(7, None, "chair")], 7)
    shelf.apply(page, 5)
    assert shelf.documents() == {"lamp": named("lamp", "New")}
    place = shelf.place()
    assert (place.position, place.applied) == (7, 2)
    assert place.last_change == "2026-11-23T12:00:07+00:00"
    with pytest.raises(MovedOnError):
        shelf.apply(page, 5)
    broken = Page([change(8, named("lamp", "Newer")), {"seq": 9}], 9)
    with pytest.raises(KeyError):
        shelf.apply(broken, 7)
    assert shelf.documents() == {"lamp": named("lamp", "New")}
    assert shelf.place() == place


def test_a_bulk_load_shows_the_former_copy_until_it_is_whole_and_goes_on_where_it_was(
    shelf: Shelf, tmp_path: Path
) -> None:
    filled(shelf, named("old", "Old"))
    shelf.begin_load(9)
    shelf.load([{"document": named("a", "A")}], "a", "2026-11-23T11:00:00+00:00")
    again = Shelf(tmp_path / "shop.db")  # another process, after a kill
    assert again.documents().keys() == {"old"}
    place = again.place()
    assert (place.position, place.loading_from, place.loaded_to) == (5, 9, "a")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.params["after"]))
        return httpx.Response(200, json={"products": [{"document": LAMP}], "next": None})

    assert follow_once(again, feed_of(answer))
    assert asked == ["a"]
    assert again.documents().keys() == {"a", "lamp"}
    assert (again.place().position, again.place().loads) == (9, 2)


def test_a_lost_position_begins_a_bulk_load_at_the_position_of_now(shelf: Shelf) -> None:
    filled(shelf, LAMP)

    def answer(request: httpx.Request) -> httpx.Response:
        if "after" in request.url.params:
            return httpx.Response(410, json={})
        return httpx.Response(200, json={"changes": [], "next": 40, "end": 40})

    assert follow_once(shelf, feed_of(answer))
    assert shelf.place().loading_from == 40
    assert shelf.documents().keys() == {"lamp"}


def test_what_the_api_says_is_told_in_one_line_with_the_cure() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(FeedError, match=r"is away \(refused\): is it running\?$"):
        feed_of(away).position()
    for status, error in ((401, TokenError), (410, PositionError), (503, FeedError)):
        with pytest.raises(error) as raised:
            feed_of(lambda _, status=status: httpx.Response(status)).position()  # type: ignore[misc]
        assert "\n" not in str(raised.value)


def test_a_refused_token_is_asked_for_anew(shelf: Shelf) -> None:
    tokens: list[bool] = []

    def open_feed(needs_token: bool) -> Feed:  # noqa: FBT001
        tokens.append(needs_token)
        status = 200 if needs_token else 401
        page = {"changes": [], "next": 3, "products": []}
        return feed_of(lambda _: httpx.Response(status, json=page | {"next": None}))

    filled(shelf, position=3)
    shelf.begin_load(3)
    follower = Follower(shelf, open_feed)
    follower.start()
    wait_until(lambda: shelf.place().loads == 2, "the load with another token")
    follower.stop()
    assert tokens[:2] == [False, True]


@pytest.fixture
async def visitor(shelf: Shelf) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(shelf, Follower(shelf, lambda _: feed_of(lambda _: httpx.Response(503))))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.mark.anyio
async def test_a_product_is_shown_in_three_languages_with_all_texts_escaped(
    shelf: Shelf, visitor: httpx.AsyncClient
) -> None:
    filled(shelf, LAMP)
    english = (await visitor.get("/en/product/lamp")).text
    for text in ("Arc &lt;lamp&gt;", "Shop / Desk", "Colour", "Red, odd", "1.50 Kilogramm"):
        assert text in english
    german = (await visitor.get("/de/product/lamp")).text
    for text in ("Bogenleuchte", "Farbe", "Rot, odd", "80 % vollständig", "2026-11-23 11:00:00"):
        assert text in german
    french = (await visitor.get("/fr/product/lamp")).text
    for text in ("Boutique / Bureau", "Rouge, odd", "Arc &lt;lamp&gt;", "Détails"):
        assert text in french
    assert "<lamp>" not in english + german + french
    assert 'href="/de/product/lamp" lang="de"' in english


@pytest.mark.anyio
async def test_products_are_found_by_words_of_any_language(
    shelf: Shelf, visitor: httpx.AsyncClient
) -> None:
    filled(shelf, LAMP, named("chair", "100 % Chair"))
    for words in ("arc", "BOGEN", "lmp-1", "lampen desk", "boutique"):
        assert "1 products" in (await visitor.get("/en", params={"q": words})).text
    assert "100 % Chair" in (await visitor.get("/en", params={"q": "100 %"})).text
    assert "Nichts gefunden" in (await visitor.get("/de", params={"q": "nothing"})).text
    both = (await visitor.get("/fr")).text
    assert "2 produits" in both


@pytest.mark.anyio
async def test_what_there_is_not_is_said(shelf: Shelf, visitor: httpx.AsyncClient) -> None:
    assert "bulk load is under way" in (await visitor.get("/en")).text
    filled(shelf, LAMP)
    gone = await visitor.get("/en/product/other")
    assert (gone.status_code, "not in the shop any more" in gone.text) == (404, True)
    assert (await visitor.get("/xx")).status_code == 422
    assert (await visitor.get("/style.css")).status_code == 200
    assert (await visitor.get("/place")).json()["position"] == 5
