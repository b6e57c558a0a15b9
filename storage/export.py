"""The stored products as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pim.ids import ProductKey
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class ExportedProduct:
    """One product; `source` and `document` are JSON text as stored, None for a tombstone."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    updated: datetime | None
    deleted: bool
    source: str | None
    document: str | None

    def line(self) -> str:
        """Render as one line of NDJSON, numbers and keys as stored."""
        raise NotImplementedError


def export_products(tx: Transaction, *, tombstones: bool = False) -> Iterator[ExportedProduct]:
    """Stream the live products (and tombstones) in key order, in constant memory."""
    raise NotImplementedError
