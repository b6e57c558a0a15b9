"""The receiver that docs/follow-the-store.md shows does what the document says of it."""

import asyncio
import json
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from flows.notifying import Answer, HttpPost, make_ping, notify_due
from flows.run import utc_now
from storage import Store
from storage.webhooks import Webhook, add_webhook, find_webhook, replay_webhook
from tests.served_app import bind_loopback
from tests.store_builders import NOW, absent, body_of, live, uuid_of, write

DOCUMENT = (Path(__file__).parents[3] / "docs/follow-the-store.md").read_text()
(RECIPE,) = (
    code
    for code in re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    if "webhook-signature" in code
)
TRIES = 1200


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: what is tested is at the other end of the wire."""
    return sqlite_url


@contextmanager
def receiving(folder: Path, secret: str, port: int) -> Iterator[None]:
    """The document's receiver, with this secret and on this port, killed at the end."""
    code = RECIPE.replace("whsec_…", secret).replace("9000", str(port))
    assert code.count(secret) == code.count(str(port)) == 1
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder)  # noqa: S603 - ours
    try:
        _wait_for(port, process)
        yield
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it listens: a connection is refused at once before that."""
    for _ in range(TRIES):
        assert process.poll() is None
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=60):
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    raise AssertionError("it does not listen")


def add(store: Store, port: int) -> Webhook:
    def work(tx: object) -> None:
        add_webhook(
            tx,  # type: ignore[arg-type] # a transaction
            name="webshop",
            url=f"http://127.0.0.1:{port}/hook",
            position=0,
            documents=True,
            most=2,
            now=NOW,
        )

    store.run(work)
    return stored(store)


def stored(store: Store) -> Webhook:
    with store.read() as tx:
        found = find_webhook(tx, "webshop")
    assert found is not None
    return found


def notify(store: Store) -> str:
    async def run() -> str:
        async with HttpPost(timeout=timedelta(seconds=60)) as post:
            report = await notify_due(
                store, post, holder="run", give_up=timedelta(days=5), longest=timedelta(seconds=600)
            )
        return report.summary()

    return asyncio.run(run())


def copy_in(folder: Path) -> dict[str, object]:
    with closing(sqlite3.connect(folder / "copy.db")) as copy:
        rows = copy.execute("SELECT key, document FROM product WHERE document IS NOT NULL")
        return {key: json.loads(document) for key, document in rows}


def test_the_receiver_of_the_document_keeps_a_copy(store: Store, tmp_path: Path) -> None:
    with bind_loopback() as listener:
        port = listener.getsockname()[1]
    webhook = add(store, port)
    for product in range(3):
        write(store, live(body_of(product), 1, 2))
    write(store, absent(1, 3, 4))
    with receiving(tmp_path, webhook.secret, port):
        assert notify(store) == "4 changes to webshop"
        assert copy_in(tmp_path).keys() == {uuid_of(0), uuid_of(2)}
        store.run(lambda tx: replay_webhook(tx, "webshop", position=0, now=NOW))
        assert notify(store) == "4 changes to webshop"
        assert copy_in(tmp_path).keys() == {uuid_of(0), uuid_of(2)}


def test_the_receiver_of_the_document_refuses_a_forgery(store: Store, tmp_path: Path) -> None:
    with bind_loopback() as listener:
        port = listener.getsockname()[1]
    webhook = add(store, port)

    async def ping(at_hours: float) -> Answer:
        now = utc_now() + timedelta(hours=at_hours)
        async with HttpPost(timeout=timedelta(seconds=60)) as post:
            return await post(webhook, make_ping(webhook, now=now), at=now)

    with receiving(tmp_path, webhook.secret, port):
        assert asyncio.run(ping(0)).status == 204
        assert asyncio.run(ping(-1)).status == 401
    other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with receiving(tmp_path, other, port):
        assert asyncio.run(ping(0)).status == 401
