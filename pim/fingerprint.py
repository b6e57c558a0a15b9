"""Fingerprints of answers: equal exactly when two answers mean the same thing.

A sweep fingerprints every product of the source, so the common case is quick: one shallow pass,
one dump. Where that dump shows something that only a deep pass can settle (an empty map, a link
further inside), the deep pass is made; both ways agree (a property test).
"""

import hashlib
from collections.abc import Callable

from pim.canonical import dump_bytes
from pim.json_types import (
    JsonObject,
    JsonValue,
    as_code,
    as_list,
    as_object,
    as_text,
    has_positions,
)
from pim.meaning import read_meaning

_NO_CONTENT = frozenset({"_links", "updated"})
_NOT_COMPARED = frozenset({"root_parent"})
"""Shown, and told by something else: a variant's root by its parent."""

_BARE = frozenset({"data", "locale", "scope"})
"""Of a value's entry: all else decorates it."""


def fingerprint_product(body: JsonObject) -> str:
    """64 hex digits for a product's answer; see `pim.product.content_hash` for what counts."""
    return fingerprint_content(read_meaning(body).content)


def fingerprint_content(content: JsonObject) -> str:
    """The same of an answer whose meaning has been read."""
    compared = {key: value for key, value in content.items() if key not in _NOT_COMPARED}
    if "values" in compared:
        compared["values"] = {
            code: [_compared_entry(as_object(entry)) for entry in as_list(entries)]
            for code, entries in as_object(compared["values"]).items()
        }
    raw = dump_bytes(_with_sets_sorted(compared), sort_keys=True)
    if b"{}" in raw or b'"_links"' in raw:
        raw = dump_bytes(_with_sets_sorted(_cleaned_object(compared)), sort_keys=True)
    return hashlib.sha256(raw).hexdigest()


def fingerprint_source(body: JsonObject) -> str:
    """64 hex digits for an answer as it came: links and unknown keys count, spelling does.

    What differs here alone is written anew, with its document, and is no drift. Left out: where
    the answer itself lives, `updated` at the top, and the order of keys and sets.
    """
    raw = dump_bytes(_with_sets_sorted(body), sort_keys=True)
    return hashlib.sha256(raw).hexdigest()


def fingerprint_item(body: JsonObject) -> str:
    """64 hex digits for an item of the structure; lists keep their order, it means something.

    Links of its values count, since documents show them; where the item itself lives does not.
    """
    content = {
        key: _cleaned(_as_listed(key, value), keep_links=key == "values")
        for key, value in body.items()
        if key not in _NO_CONTENT
    }
    return hashlib.sha256(dump_bytes(content, sort_keys=True)).hexdigest()


def _as_listed(key: str, value: JsonValue) -> JsonValue:
    """The lists of an item that came with holes."""
    if key == "values":
        return {code: as_list(entries) or entries for code, entries in as_object(value).items()}
    is_listed = key in _ITEM_LISTS and isinstance(value, dict) and has_positions(value)
    return as_list(value) if is_listed else value


_ITEM_LISTS = frozenset(
    {
        *("attributes", "axes", "category_trees", "currencies", "conversion_units", "locales"),
        *("options", "table_configuration", "units", "variant_attribute_sets"),
        *("allowed_extensions", "available_locales"),
    }
)
"""Keys of items whose value is a list; in other maps all digits may be a code."""


def _compared_entry(entry: JsonObject) -> JsonObject:
    """What is compared of one value; of `linked_data` what a document shows: options' labels."""
    if entry.keys() <= _BARE and type(entry.get("data")) is not int:
        return entry
    compared = {name: value for name, value in entry.items() if name in _BARE}
    data = entry.get("data")
    if type(data) is int:
        compared["data"] = as_code(data)
    if labels := _linked_labels(entry.get("linked_data")):
        compared["linked_data"] = labels
    return compared


def _linked_labels(linked: JsonValue) -> JsonObject:
    options = as_object(linked)
    if "labels" in options:
        options = {"": options}
    found: JsonObject = {}
    for name, option in options.items():
        body = as_object(option)
        if labels := as_object(body.get("labels")):
            found[as_text(body.get("code")) or name] = labels
    return found


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
    return _each(value, _sorted_set)


def _sorted_owners(value: JsonValue) -> JsonValue:
    return _each(value, lambda owners: _each(owners, _sorted_set))


_SETS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "values": _sorted_entries,
    "categories": _sorted_set,
    "groups": _sorted_set,
    "associations": _sorted_owners,
    "quantified_associations": _sorted_owners,
    "completenesses": _sorted_set,
    "quality_scores": _sorted_set,
}


def _cleaned_object(body: JsonObject, *, keep_links: bool = False) -> JsonObject:
    return {
        key: _cleaned(value, keep_links=keep_links)
        for key, value in body.items()
        if keep_links or key != "_links"
    }


def _cleaned(value: JsonValue, *, keep_links: bool = False) -> JsonValue:
    match value:
        case dict():
            return _cleaned_object(value, keep_links=keep_links) or []
        case list():
            return [_cleaned(item, keep_links=keep_links) for item in value]
        case _:
            return value
