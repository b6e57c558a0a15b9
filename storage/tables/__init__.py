"""The tables, one class each, with their column types.

Statements in the rooms of this package are built on `table_of(Model)`; rows never leave it.
"""

from storage.tables.base import METADATA, table_of
from storage.tables.catalog import CatalogItemRow, CatalogMark, CatalogVersion
from storage.tables.columns import ExactJson, NumberSet, RowNumber, UtcInstant
from storage.tables.inbox import InboxBatch, InboxEvent, PlatformNotice
from storage.tables.operation import (
    AlarmRow,
    ApiToken,
    Breaker,
    CallLease,
    Door,
    HeldDeletionRow,
    MetricRow,
    Refusal,
    SourceFact,
)
from storage.tables.product import ChangeFeed, Product, ProductChange, ProductContent
from storage.tables.references import (
    BITS,
    BLOCK,
    WORDS,
    ReferenceName,
    ReferencePlace,
    ReferenceUser,
)
from storage.tables.runs import Sweep, SyncRunRow
from storage.tables.subscriptions import SubscriptionGap, SubscriptionRow
from storage.tables.webhooks import WebhookRow

__all__ = [
    "BITS",
    "BLOCK",
    "METADATA",
    "WORDS",
    "AlarmRow",
    "ApiToken",
    "Breaker",
    "CallLease",
    "CatalogItemRow",
    "CatalogMark",
    "CatalogVersion",
    "ChangeFeed",
    "Door",
    "ExactJson",
    "HeldDeletionRow",
    "InboxBatch",
    "InboxEvent",
    "MetricRow",
    "NumberSet",
    "PlatformNotice",
    "Product",
    "ProductChange",
    "ProductContent",
    "ReferenceName",
    "ReferencePlace",
    "ReferenceUser",
    "Refusal",
    "RowNumber",
    "SourceFact",
    "SubscriptionGap",
    "SubscriptionRow",
    "Sweep",
    "SyncRunRow",
    "UtcInstant",
    "WebhookRow",
    "table_of",
]
