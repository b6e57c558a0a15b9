"""The tables. Statements elsewhere are built on `table_of(Model)` and stay inside this package."""

from storage.tables.base import METADATA, table_of
from storage.tables.catalog import CatalogItemRow, CatalogMark, CatalogVersion
from storage.tables.inbox import InboxBatch, InboxEvent
from storage.tables.operation import (
    AlarmRow,
    Breaker,
    CallLease,
    Door,
    HeldDeletionRow,
    MetricRow,
    Refusal,
    SourceFact,
)
from storage.tables.product import Product, ProductChange, ProductContent, ProductReference
from storage.tables.runs import Sweep, SyncRunRow

__all__ = [
    "METADATA",
    "AlarmRow",
    "Breaker",
    "CallLease",
    "CatalogItemRow",
    "CatalogMark",
    "CatalogVersion",
    "Door",
    "HeldDeletionRow",
    "InboxBatch",
    "InboxEvent",
    "MetricRow",
    "Product",
    "ProductChange",
    "ProductContent",
    "ProductReference",
    "Refusal",
    "SourceFact",
    "Sweep",
    "SyncRunRow",
    "table_of",
]
