"""What decides, for all products at once, which of their values the source shows."""

import hashlib
from collections.abc import Iterable, Mapping

from pim.canonical import dump_bytes
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.vocabulary import CatalogKind

DECIDING = (
    CatalogKind.CHANNEL,
    CatalogKind.LOCALE,
    CatalogKind.CURRENCY,
    CatalogKind.ASSOCIATION_TYPE,
    CatalogKind.MEASUREMENT_FAMILY,
)
"""Where one of these is switched off, deleted or cut down, values vanish from every answer."""


def fingerprint_visibility(items: Mapping[CatalogKind, Iterable[JsonObject]]) -> str:
    """64 hex digits that change when the source's answers may show other values than before.

    Counted are which channels there are with which locales and currencies, what is enabled, which
    association types and units there are; labels are not. The source hides what is gone as it
    answers: no event tells, and no product's `updated` moves.
    """
    counted: list[JsonValue] = [
        [str(kind), *sorted((_essence(body) for body in items.get(kind, ())), key=repr)]
        for kind in DECIDING
    ]
    return hashlib.sha256(dump_bytes(counted)).hexdigest()


def _essence(body: JsonObject) -> JsonValue:
    units = [as_object(unit).get("code") for unit in as_object(body.get("units")).values()]
    lists = (units, as_list(body.get("locales")), as_list(body.get("currencies")))
    return [body.get("code"), body.get("enabled"), *([*sorted(each, key=repr)] for each in lists)]
