"""A store with its read API on the loopback, writers beside it, and the sample shop."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Thread

from api.app import build_app
from api.config import ApiConfig
from examples.shop import Shelf
from pim.document import Document
from pim.ids import ProductKey
from pim.json_types import JsonObject
from storage import Store
from storage.products import ProductWrite, read_renderings, write_products, write_rendering
from tests.feed_copy import look
from tests.night_parts import wait_until
from tests.prefect_fixtures import free_port
from tests.served_app import served
from tests.store_builders import CAUSE, FAMILY, NOW, absent, at, body_of, live, uuid_of

ROOT = Path(__file__).parents[3]
PRODUCTS = 8


@contextmanager
def served_api(store: Store) -> Iterator[str]:
    """The address of the read API of this store."""
    config = ApiConfig(calls_per_second=10_000, look_seconds=0.02)
    with served(build_app(config, store, is_ending=lambda: False)) as url:
        yield url


class Writer(Thread):
    """Writes, deletes and renders products at random, so many times."""

    def __init__(self, store: Store, seed: int, steps: int) -> None:
        super().__init__()
        self._store = store
        self._rng = Random(seed)
        self._steps = steps

    def run(self) -> None:
        for _ in range(self._steps):
            self._rng.choice([self._write, self._write, self._render])()

    def _write(self) -> None:
        read_from, read_to = self._store.draw_number(), self._store.draw_number()
        numbers = self._rng.sample(range(PRODUCTS), self._rng.randint(1, 3))
        writes = [self._write_of(number, read_from, read_to) for number in numbers]
        self._store.run(lambda tx: write_products(tx, writes, cause=CAUSE, now=NOW))

    def _write_of(self, number: int, read_from: int, read_to: int) -> ProductWrite:
        if self._rng.random() < 0.3:
            return absent(number, read_from, read_to)
        write = live(
            body_of(number, updated=at(read_from), content=self._rng.randint(0, 3)),
            read_from,
            read_to,
        )
        return ProductWrite(write.read, self._document(write.read.key), confirmed=True)

    def _render(self) -> None:
        key = ProductKey(uuid_of(self._rng.randrange(PRODUCTS)))
        with self._store.read() as tx:
            stored = read_renderings(tx, [key])
        for each in stored:
            document, version = self._document(key), each.catalog_version + 1
            self._store.run(
                lambda tx, each=each, document=document, version=version: write_rendering(  # type: ignore[misc]
                    tx, each, document=document, catalog_version=version, cause=CAUSE, now=NOW
                )
            )

    def _document(self, key: str) -> Document:
        name = f"Lamp {self._rng.randint(0, 9)}"
        values: JsonObject = {"values": [{"locale": "en_US", "scope": None, "data": name}]}
        return Document({"key": key, "attributes": {"name": values}}, frozenset({FAMILY}))


class ShopProcess:
    """The sample shop as a user starts it, which may be killed and started again."""

    def __init__(self, api: str, token: str, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        port = self.url.rpartition(":")[2]
        self._command = [sys.executable, "-m", "examples.shop", "--api", api, "--token", token]
        self._command += ["--folder", str(folder), "--port", port]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT)  # noqa: S603 - our own

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def wait_for_copy(shelf: Shelf, store: Store) -> None:
    """Wait until the shop is at the end of the feed."""
    end, _ = look(store)
    wait_until(lambda: _is_at(shelf, end), "the shop to come to the end of the feed")


def wait_for_first_load(shelf: Shelf) -> int:
    """Wait until the first bulk load is whole; answer its position."""
    wait_until(lambda: shelf.place().position is not None, "the first bulk load")
    return shelf.place().position or 0


def _is_at(shelf: Shelf, position: int) -> bool:
    place = shelf.place()
    return place.position == position and place.loading_from is None


def same_as_store(shelf: Shelf, store: Store) -> bool:
    """Whether the shop holds what the store shows; a date alone is no change."""
    _, documents = look(store)
    copied = {
        key: {name: each for name, each in document.items() if name != "updated"}
        for key, document in shelf.documents().items()
    }
    return copied == documents
