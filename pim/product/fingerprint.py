"""Fingerprints of answers: equal exactly when two answers mean the same thing.

A sweep fingerprints every product of the source, so the common case is quick: one shallow pass,
one dump. Where that dump shows something that only a deep pass can decide (an empty map, a link
further inside), the deep pass is made; both ways agree (a property test).
"""

import hashlib
from collections.abc import Callable

from pim.canonical import dump_bytes
from pim.json_types import (
    JsonObject,
    JsonValue,
    as_list,
    as_object,
    as_text,
    has_positions,
)
from pim.product.meaning import PLACE, have_places, read_meaning

_NO_CONTENT = frozenset({"_links", "updated"})
_NOT_COMPARED = frozenset({"root_parent", "values"})
"""Shown, and told by something else: a variant's root by its parent. Values are compared apart."""

_BARE = frozenset({"data", "locale", "scope"})
"""Of a value's entry: all else decorates it."""


def fingerprint_product(body: JsonObject) -> str:
    """64 hex digits for a product's answer; see `content_hash` for what counts."""
    return fingerprint_both(body, read_meaning(body).content)[0]


def fingerprint_source(body: JsonObject) -> str:
    """64 hex digits for an answer as it came: links and unknown keys count, and so does spelling.

    What differs here alone is written anew, with its document, and is no drift. Left out: where
    the answer itself lives, `updated` at the top, and the order of keys and sets.
    """
    return fingerprint_both(body, read_meaning(body).content)[1]


def fingerprint_both(body: JsonObject, content: JsonObject) -> tuple[str, str]:
    """The fingerprints of an answer, given its meaning, and of the answer as it came.

    Nearly every part of an answer is spelled like its meaning: that is put in order once.
    """
    meant = {key: _in_order(key, part) for key, part in content.items() if key not in _NOT_COMPARED}
    told: JsonObject = {
        key: meant[key] if key in meant and content[key] is part else _in_order(key, part)
        for key, part in body.items()
        if key not in _NO_CONTENT
    }
    if "values" in content:
        told_values = as_object(body["values"])
        values = as_object(content["values"])
        ordered, meant["values"] = _values_in_order(values)
        told["values"] = {
            code: ordered[code] if values.get(code, body) is entries else _sorted_set(entries)
            for code, entries in told_values.items()
        }
    said = dump_bytes(told, sort_keys=True)
    return _fingerprint_meant(meant), hashlib.sha256(said).hexdigest()


def _values_in_order(values: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Each attribute's entries in order: as they are, and what of them is compared."""
    ordered: JsonObject = {}
    compared: JsonObject = {}
    for code, entries in values.items():
        listed = entries if type(entries) is list else as_list(entries)
        if len(listed) > 1:
            listed = _entries_in_order(listed)
        ordered[code] = compared[code] = listed
        for entry in listed:
            if not _is_bare(entry):
                compared[code] = [*map(_compared, listed)]
                break
    return ordered, compared


def _fingerprint_meant(meant: JsonObject) -> str:
    raw = dump_bytes(meant, sort_keys=True)
    if _is_unclean(raw):
        raw = dump_bytes(_cleaned_parts(meant), sort_keys=True)
    return hashlib.sha256(raw).hexdigest()


def _is_unclean(raw: bytes) -> bool:
    return b"{}" in raw or b'"_links"' in raw


def _cleaned_parts(meant: JsonObject) -> JsonObject:
    """All parts, those cleaned that need it; of the values, each attribute's by itself."""
    parts = {key: part for key, part in meant.items() if key not in {"_links", "values"}}
    cleaned = {key: _in_order(key, part) for key, part in _cleaned_where_unclean(parts).items()}
    if "values" in meant:
        cleaned["values"] = _cleaned_where_unclean(as_object(meant["values"])) or []
    return cleaned


def _cleaned_where_unclean(parts: JsonObject) -> JsonObject:
    return {
        key: _cleaned(part) if _is_unclean(dump_bytes(part)) else part
        for key, part in parts.items()
        if key != "_links"
    }


def _in_order(key: str, part: JsonValue) -> JsonValue:
    """A part of a product with its sets in order; both empties are `[]`."""
    order = _SETS.get(key) if part else None
    ordered = part if order is None else order(part)
    return [] if ordered == {} else ordered


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


def _entries_in_order(entries: list[JsonValue]) -> list[JsonValue]:
    """The entries of an attribute by their places, which are their own but in odd answers."""
    if len(entries) < 2:  # noqa: PLR2004 - one is in order
        return entries
    if have_places(entries):
        try:
            return sorted(entries, key=PLACE)
        except TypeError:  # None and a code cannot be compared
            return sorted(entries, key=lambda entry: repr(PLACE(entry)))
    return sorted(entries, key=lambda entry: _sort_key(_cleaned(_compared(entry))))


def _is_bare(entry: JsonValue) -> bool:
    return type(entry) is dict and entry.keys() == _BARE and type(entry["data"]) is not int


def _compared(entry: JsonValue) -> JsonValue:
    """What is compared of one value; of `linked_data` what a document shows: options' labels."""
    if not isinstance(entry, dict):
        return entry
    compared: JsonObject = {name: entry[name] for name in _BARE if name in entry}
    if type(entry.get("data")) is int:
        compared["data"] = str(entry["data"])
    if "linked_data" in entry and (labels := _linked_labels(entry["linked_data"])):
        compared["linked_data"] = labels
    return compared


def _linked_labels(linked: JsonValue) -> JsonObject:
    options = as_object(linked)
    if "labels" in options:
        return {as_text(options.get("code")) or "": options["labels"]}
    found: JsonObject = {}
    for name, option in options.items():
        body = as_object(option)
        if labels := as_object(body.get("labels")):
            found[as_text(body.get("code")) or name] = labels
    return found


def _sorted_set(value: JsonValue) -> JsonValue:
    if not isinstance(value, list) or len(value) < 2:  # noqa: PLR2004 - one item is in order
        return value
    if all(type(item) is str for item in value):
        return [*sorted(map(str, value))]
    return sorted(value, key=_sort_key)


def _sort_key(item: JsonValue) -> bytes:
    return dump_bytes(item, sort_keys=True)


def _each(value: JsonValue, change: Callable[[JsonValue], JsonValue]) -> JsonValue:
    """Change every value of a map (PHP's lists included); the empty map is `[]`."""
    if not isinstance(value, dict | list):
        return value
    return {key: change(item) for key, item in as_object(value).items()} or []


def _sorted_owners(value: JsonValue) -> JsonValue:
    return _each(value, lambda owners: _each(owners, _sorted_set))


_SETS: dict[str, Callable[[JsonValue], JsonValue]] = {
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
