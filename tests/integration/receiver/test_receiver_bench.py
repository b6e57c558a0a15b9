"""The benchmark of answers, played once: one that cannot start measures nothing."""

import asyncio
from urllib.parse import urlsplit

from bench.acknowledge import CONFIG, NoTrigger, bare_app
from bench.support.deliveries import EVENTS, Load
from receiver.app import build_app
from receiver.serve import server_config
from storage import Store
from tests.served_app import patient, served


def deliver_once(url: str) -> Load:
    async def deliver() -> Load:
        load = Load(urlsplit(url).port or 0)
        await load.deliver()
        await load.close()
        return load

    return asyncio.run(deliver())


def test_the_bare_handler_is_served_as_the_receiver_is() -> None:
    app = bare_app()
    with served(app, config=server_config(app)) as url:
        load = deliver_once(url)
    assert (load.taken, load.refused) == (EVENTS, 0)


def test_the_receiver_takes_what_the_benchmark_sends(sqlite_store: Store) -> None:
    app = build_app(patient(*CONFIG.secrets), sqlite_store, NoTrigger())
    with served(app, config=server_config(app)) as url:
        load = deliver_once(url)
    assert (load.taken, load.refused) == (EVENTS, 0)
