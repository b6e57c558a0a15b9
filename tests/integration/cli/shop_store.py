"""A shop's store, filled through the store's own functions as a PIM would have it filled."""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from typer.testing import Result

from pim.canonical import load_json
from pim.document import CatalogParts, Draft
from pim.events import parse_batch
from pim.ids import ProductKey
from pim.json_types import as_object
from pim.product import SourceProduct, parse_product
from pim.reads import ProductRead, ReadInterval
from pim.vocabulary import Channel, Identity
from storage import Store
from storage.inbox import Stored, store_batch
from storage.products import Cause, ProductWrite, write_products

Call = Callable[..., Result]


class EmptyCatalog:
    """A mirror that knows no structure yet."""

    def get(self, kind: object, parent: str, code: str) -> None:
        del kind, parent, code


def uuid_of(identifier: str) -> str:
    return str(uuid5(NAMESPACE_URL, identifier))


@dataclass(frozen=True)
class Shop:
    """A store, and what a PIM would do to it."""

    store: Store

    def tell(self, identifier: str, *, event_id: str, action: str = "product.updated") -> Stored:
        """Deliver one event about a product."""
        resource = {"uuid": uuid_of(identifier), "identifier": identifier}
        event = {
            "action": action,
            "event_id": event_id,
            "event_datetime": "2026-11-23T11:59:00+00:00",
            "author": "julia",
            "author_type": "ui",
            "pim_source": "https://pim.test",
            "data": {"resource": resource},
        }
        return self.deliver(event)

    def deliver(self, *events: object) -> Stored:
        raw = json.dumps({"events": list(events)}).encode()
        batch = parse_batch(raw)
        with self.store.transaction() as tx:
            return store_batch(
                tx, channel=Channel.EVENTS_API, raw=raw, batch=batch, received_at=datetime.now(UTC)
            )

    def write(
        self,
        identifier: str,
        *,
        uuid: str | None = None,
        raw: str = "{}",
        family: str | None = None,
        categories: tuple[str, ...] = (),
    ) -> str:
        """Store a product as read just now; answers its uuid. `raw` is JSON of its values."""
        uuid = uuid or uuid_of(identifier)
        body = (
            f'{{"uuid":"{uuid}","identifier":"{identifier}","enabled":true,'
            f'"family":{json.dumps(family)},"categories":{json.dumps(categories)},'
            f'"values":{raw},"created":"2026-11-01T10:00:00+01:00",'
            '"updated":"2026-11-02T10:00:00+01:00"}'
        )
        product = parse_product(
            as_object(load_json(body)), identity=Identity.UUID, main_identifier="sku"
        )
        document = Draft(product, CatalogParts(EmptyCatalog())).render()
        self._write(ProductWrite(read=self._read(uuid, product), document=document))
        return uuid

    def delete(self, identifier: str) -> None:
        read = self._read(uuid_of(identifier), None)
        self._write(ProductWrite(read=read, announced=True))

    def _read(self, uuid: str, product: SourceProduct | None) -> ProductRead:
        first, last = self.store.draw_number(), self.store.draw_number()
        interval = ReadInterval(first, last, datetime.now(UTC))
        return ProductRead(ProductKey(uuid), interval, product)

    def _write(self, write: ProductWrite) -> None:
        with self.store.transaction() as tx:
            write_products(tx, [write], cause=Cause("sweep"), now=datetime.now(UTC))


@dataclass(frozen=True)
class Pim:
    """A simulated PIM, and what happens in it behind the command's back."""

    url: str
    env: dict[str, str]

    def remove(self, uuid: str) -> None:
        self._ask("DELETE", f"/products/{uuid}?silent=true")

    def rename(self, uuid: str, name: str) -> None:
        value = {"locale": "en_US", "scope": None, "data": name}
        changes = {"values": {"name": [value]}}
        self._ask("POST", f"/products/{uuid}", {"changes": changes, "silent": True})

    def fail(self, times: int) -> None:
        self._ask("POST", "/answers", {"status": 503, "times": times})

    def answer(self, path: str, *, status: int, times: int = 1) -> None:
        """Have the next calls of a path answered so."""
        self._ask("POST", "/answers", {"path": path, "status": status, "times": times})

    def _ask(self, method: str, path: str, body: object = None) -> None:
        request = urllib.request.Request(  # noqa: S310 -- the loopback
            f"{self.url}/_simulator{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 -- the loopback
