"""The benchmarks of answers, played once: one that cannot start measures nothing."""

import asyncio
from urllib.parse import urlsplit

import pytest

from bench.support.deliveries import EVENTS, CloudEvents, Deliveries, Load, Requests
from bench.support.handlers import CONFIG, NoTrigger, bare_app
from receiver.app import build_app
from receiver.serve import server_config
from storage import Store
from tests.served_app import patient, served

SENT = pytest.mark.parametrize(
    ("requests", "events"),
    [(Deliveries(), EVENTS), (CloudEvents(), 1)],
    ids=["events-api", "event-platform"],
)


def deliver_once(url: str, requests: Requests) -> Load:
    async def deliver() -> Load:
        load = Load(urlsplit(url).port or 0, requests)
        await load.deliver()
        await load.close()
        return load

    return asyncio.run(deliver())


@SENT
def test_the_bare_handler_is_served_as_the_receiver_is(requests: Requests, events: int) -> None:
    app = bare_app()
    with served(app, config=server_config(app)) as url:
        load = deliver_once(url, requests)
    assert (load.taken, load.refused) == (events, 0)


@SENT
def test_the_receiver_takes_what_the_benchmark_sends(
    sqlite_store: Store, requests: Requests, events: int
) -> None:
    config = patient(
        *CONFIG.secrets, platform_secrets=CONFIG.platform_secrets, platform_answer_seconds=60.0
    )
    app = build_app(config, sqlite_store, NoTrigger())
    with served(app, config=server_config(app)) as url:
        load = deliver_once(url, requests)
    assert (load.taken, load.refused) == (events, 0)
