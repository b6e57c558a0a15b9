"""A source that answers wrongly, or not at all: what a drain says, and that nothing is lost."""

from dataclasses import dataclass

import pytest

from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceHungUp,
    SourceRateLimited,
    SourceRedirected,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
)
from tests.integration.flows.fault_scene import (
    attempts,
    bring_on,
    drain_in_vain,
    end_faults,
    impatient,
    some,
    toggle,
)
from tests.shop import Shop

pytestmark = pytest.mark.anyio

EVERYTHING = "/api/"
PRODUCTS = "/api/rest/v1/products-uuid"
PRODUCT = "/api/rest/v1/products-uuid/"
LOGIN = "POST api/oauth/v1/token"
LISTING = "GET api/rest/v1/products-uuid"


@dataclass(frozen=True)
class Fault:
    """What calls to `path` get, and what a run calls it."""

    path: str
    answer: dict[str, object]
    kind: type[SourceError]
    said: tuple[str, ...]
    retryable: bool = True
    slow: bool = False


ELSEWHERE = "https://elsewhere.example.test/login"
FAULTS = {
    "429 without Retry-After": Fault(
        PRODUCTS, {"status": 429}, SourceRateLimited, (LISTING, "fewer calls", "status 429")
    ),
    "500": Fault(
        EVERYTHING, {"status": 500}, SourceServerError, (LOGIN, '500: {"code":500,"message":')
    ),
    "500 to products": Fault(
        PRODUCTS, {"status": 500}, SourceServerError, (LISTING, '500: {"code":500,"message":')
    ),
    "502 in HTML": Fault(
        PRODUCTS,
        {"status": 502, "html": True},
        SourceServerError,
        (LISTING, "status 502: <html>", "<h1>Bad Gateway</h1>"),
    ),
    "404 in HTML": Fault(
        EVERYTHING,
        {"status": 404, "html": True},
        SourceUnexpectedNotFound,
        (LOGIN, "not by the PIM itself", "status 404: <html>", "<h1>Not Found</h1>"),
    ),
    "404 in HTML to products": Fault(
        PRODUCTS,
        {"status": 404, "html": True},
        SourceUnexpectedNotFound,
        (LISTING, "not by the PIM itself", "status 404: <html>", "<h1>Not Found</h1>"),
    ),
    "200 in HTML": Fault(
        PRODUCTS,
        {"status": 200, "html": True},
        InvalidAnswer,
        (LISTING, "the answer is no JSON", "status 200: <html>"),
    ),
    "cut body": Fault(
        PRODUCTS, {"status": 0, "wire": "cut"}, InvalidAnswer, (LISTING, "the answer was cut")
    ),
    "away": Fault(EVERYTHING, {"wire": "closed"}, SourceHungUp, (LOGIN, "without an answer")),
    "reset": Fault(PRODUCTS, {"wire": "reset"}, SourceHungUp, (LISTING, "connection broke")),
    "late answer": Fault(
        EVERYTHING,
        {"status": 0, "delay_seconds": 60},
        SourceTimeout,
        (LOGIN, "no whole answer in 0.2 s"),
        slow=True,
    ),
    "answer in a trickle": Fault(
        EVERYTHING,
        {"status": 0, "trickle_seconds": 60},
        SourceTimeout,
        (LOGIN, "no whole answer in 0.2 s"),
        slow=True,
    ),
    "redirect": Fault(
        PRODUCTS,
        {"status": 302, "location": ELSEWHERE},
        SourceRedirected,
        (LISTING, f"redirects to {ELSEWHERE}", "status 302"),
        retryable=False,
    ),
    "403": Fault(
        PRODUCTS,
        {"status": 403},
        SourceForbidden,
        (LISTING, "denies a right", "status 403"),
        retryable=False,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_drain_says_what_went_wrong_loses_nothing_and_the_next_one_makes_up(
    filled_shop: Shop, name: str
) -> None:
    fault, shop = FAULTS[name], filled_shop
    before = shop.exported(tombstones=True)
    toggle(shop, some(shop, 2))

    bring_on(shop, path=fault.path, **fault.answer)
    settings = impatient(shop.settings) if fault.slow else shop.settings
    failed = await drain_in_vain(shop, settings)
    during = shop.exported(tombstones=True)
    breaker = shop.status().breaker
    counted = attempts(shop)
    end_faults(shop)
    await shop.drain()

    text = str(failed.error)
    assert type(failed.error) is fault.kind
    assert [part for part in fault.said if part not in text] == []
    assert failed.error.retryable is fault.retryable
    assert failed.report.ended_because == f"the source failed: {text}"
    assert (breaker.blocked, breaker.reason) == (True, text)
    assert counted == [0, 0]
    assert during == before
    assert shop.sources() == shop.truth()
    assert not shop.events("due")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "html": True},
        {"status": 502, "html": True},
        {"status": 0, "wire": "cut"},
    ],
)
async def test_a_removal_is_believed_only_when_the_pim_itself_says_so(
    filled_shop: Shop, answer: dict[str, object]
) -> None:
    shop = filled_shop
    (uuid,) = some(shop, 1)
    toggle(shop, [uuid])
    bring_on(shop, path=PRODUCT, **answer)
    shop.control("index", {"forget": [uuid]})
    await shop.drain()  # what searches show goes on; only the PIM's database could tell of it
    assert uuid in shop.exported()
    assert [event.attempts for event in shop.events("waiting")] == [0]
    end_faults(shop)
    shop.control("index", {"rebuild": True})
    shop.make_due()
    await shop.drain()
    assert shop.sources() == shop.truth()
