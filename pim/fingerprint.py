"""Fingerprints of answers: equal exactly when two answers show the same thing.

A sweep fingerprints every product of the source, so the common case is quick: one shallow pass,
one dump. Where that dump shows something that only a deep pass can settle (an empty map, a link
further inside), the deep pass is made; both ways agree (a property test).
"""

import hashlib
from collections.abc import Callable

from pim.canonical import dump_bytes
from pim.json_types import JsonObject, JsonValue, as_object

_NO_CONTENT = frozenset({"_links", "updated"})


def fingerprint_product(body: JsonObject) -> str:
    """64 hex digits for a product's answer; see `pim.product.content_hash` for what counts."""
    raw = dump_bytes(_with_sets_sorted(body), sort_keys=True)
    if b"{}" in raw or b'"_links"' in raw:
        raw = dump_bytes(_with_sets_sorted(_cleaned_object(body)), sort_keys=True)
    return hashlib.sha256(raw).hexdigest()


def fingerprint_item(body: JsonObject) -> str:
    """64 hex digits for an item of the structure; lists keep their order, it means something."""
    content = {key: value for key, value in body.items() if key not in _NO_CONTENT}
    return hashlib.sha256(dump_bytes(_cleaned(content), sort_keys=True)).hexdigest()


def _with_sets_sorted(body: JsonObject) -> JsonObject:
    content: JsonObject = {}
    for key, value in body.items():
        if key not in _NO_CONTENT:
            order = _SETS.get(key)
            ordered = value if order is None else order(value)
            content[key] = [] if ordered == {} else ordered
    return content


def _sorted_set(value: JsonValue) -> JsonValue:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - one item is in order
        return value
    return sorted(value, key=_sort_key)


def _sort_key(item: JsonValue) -> bytes:
    return dump_bytes(item, sort_keys=True)


def _each(value: JsonValue, change: Callable[[JsonValue], JsonValue]) -> JsonValue:
    """Change every value of a map (PHP's lists included); the empty map is `[]`."""
    if not isinstance(value, dict | list):
        return value
    return {key: change(item) for key, item in as_object(value).items()} or []


def _sorted_entries(value: JsonValue) -> JsonValue:
    return _each(value, lambda entries: _sorted_set(_without_links(entries)))


def _sorted_owners(value: JsonValue) -> JsonValue:
    return _each(value, lambda owners: _each(owners, _sorted_set))


def _without_links(entries: JsonValue) -> JsonValue:
    if not isinstance(entries, list):
        return entries
    return [
        {key: item for key, item in entry.items() if key != "_links"}
        if isinstance(entry, dict) and "_links" in entry
        else entry
        for entry in entries
    ]


_SETS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "values": _sorted_entries,
    "categories": _sorted_set,
    "groups": _sorted_set,
    "associations": _sorted_owners,
    "quantified_associations": _sorted_owners,
    "completenesses": _sorted_set,
    "quality_scores": _sorted_set,
}


def _cleaned_object(body: JsonObject) -> JsonObject:
    return {key: _cleaned(value) for key, value in body.items() if key != "_links"}


def _cleaned(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return _cleaned_object(value) or []
        case list():
            return [_cleaned(item) for item in value]
        case _:
            return value
