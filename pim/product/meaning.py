"""Meaning of an answer about a product: odd spellings read as meant, once for all who look.

The document is made of it, and the fingerprint covers it: so what is shown and what is compared
never part. What is odd beyond one possible meaning costs only itself: it is left as it is, or left
out, with a note; `source` keeps the answer as it came.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from pim.canonical import dump_bytes
from pim.json_types import (
    JsonObject,
    JsonValue,
    as_code,
    as_list,
    as_object,
    as_text,
    codes_of,
    has_positions,
)
from pim.texts import is_usable_key, parse_instant

_MOST_NOTES = 20
"""Of one product: more say nothing new, and a hostile answer must not fill a report."""


@dataclass(slots=True)
class Meaning:
    """What counts of an answer, in one spelling, and what was odd about it (`where: what`).

    `content` holds only what a document shows; a null or empty part is an absent key.
    """

    content: JsonObject = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, where: str, what: str) -> None:
        """Keep one oddity."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(f"{where}: {what}")


def read_meaning(body: JsonObject) -> Meaning:
    """Read a product's answer, or a model's; never raises but for nesting past all reason."""
    meaning = Meaning()
    for name, read in _PARTS.items():
        if name in body:
            part = read(meaning, name, body[name])
            if part is not None and part not in ("", [], {}):
                meaning.content[name] = part
    for name in ("created", "updated"):
        said = body.get(name)
        if parse_instant(said) is None and (name == "updated" or said is not None):
            meaning.note(name, "no date that can be read")
    return meaning


def _as_it_is(_meaning: Meaning, _name: str, value: JsonValue) -> JsonValue:
    return value


def _uuid(_meaning: Meaning, _name: str, value: JsonValue) -> JsonValue:
    text = as_text(value)
    return value if text is None else text.lower()


def _name(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    """Who it is: a name that cannot be used is none."""
    code = as_code(value)
    if code is not None and is_usable_key(code):
        return code
    if value is not None:
        meaning.note(name, "cannot be used as a name")
    return None


def _code(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    """What it refers to: shown as written even where nothing can be called so."""
    code = as_code(value)
    if value and (code is None or not is_usable_key(code)):
        meaning.note(name, "no usable code")
    return code


def _codes(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    codes, listed = codes_of(value), as_list(value)
    if (value and not listed) or not all(map(as_code, listed)):
        meaning.note(name, "what is no code is left out")
    if not all(map(is_usable_key, codes)):
        meaning.note(name, "a code that nothing can be called")
    return value if codes == value else [*codes]


def _enabled(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    """PHP may write a truth value as a digit, or as its word."""
    if isinstance(value, bool) or value is None:
        return value
    said = str(value).lower() if isinstance(value, str | int) else ""
    if said not in _TRUTHS:
        meaning.note(name, "neither true nor false; taken for true")
    return _TRUTHS.get(said, True)


_TRUTHS = {"0": False, "false": False, "1": True, "true": True}


def _values(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    if value and not isinstance(value, dict | list):
        meaning.note(name, "no object; left out")
    return {
        code: found
        for code, entries in as_object(value).items()
        if (found := entries if _is_plain(entries) else _entries(meaning, code, entries))
    }


def _is_plain(entries: JsonValue) -> bool:
    """Whether an attribute's entries are spelled as usual: nearly all are."""
    if type(entries) is not list:
        return False
    for entry in entries:
        if type(entry) is not dict:
            return False
        data = entry.get("data")
        if type(data) in _NESTED and not _is_plain_data(data):
            return False
    return len(entries) < 2 or have_places(entries)  # noqa: PLR2004 - one has its own


def _is_plain_data(data: JsonValue) -> bool:
    return _is_set(data) if isinstance(data, list) else not has_positions(as_object(data))


_NESTED = (dict, list)

PLACE: Callable[[Any], tuple[Any, Any]] = itemgetter("locale", "scope")
"""Where a value's entry belongs."""


def have_places(entries: Sequence[JsonValue]) -> bool:
    """Whether each entry has a locale and scope of its own, so that none is there twice."""
    try:
        return len(set(map(PLACE, entries))) == len(entries)
    except (KeyError, TypeError):  # none, or of another shape than a code
        return False


def _is_set(data: list[JsonValue]) -> bool:
    texts = [item for item in data if type(item) is str]
    return len(set(texts)) == len(texts) and not any(type(item) is int for item in data)


def _entries(meaning: Meaning, code: str, entries: JsonValue) -> list[JsonValue]:
    is_one = isinstance(entries, dict) and "data" in entries and not has_positions(entries)
    listed = [entries] if is_one else as_list(entries)
    if entries and not listed:
        meaning.note(f"values.{code}", "no list of values; left out")
    if len(objects := [entry for entry in listed if isinstance(entry, dict)]) < len(listed):
        meaning.note(f"values.{code}", "what is no value is left out")
    return _once([_entry(entry) for entry in objects])


def _entry(entry: JsonObject) -> JsonObject:
    data = entry.get("data")
    if isinstance(data, dict) and has_positions(data):
        data = as_list(data)
    if isinstance(data, list) and all(as_code(item) for item in data):
        data = [*codes_of(data)]
    return {**entry, "data": data} if "data" in entry else entry


def _associations(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    if value and not isinstance(value, dict | list):
        meaning.note(name, "no object; left out")
    read: JsonObject = {}
    for kind, owners in as_object(value).items():
        if owners and not isinstance(owners, dict | list):
            meaning.note(f"{name}.{kind}", "no object; left out")
        read[kind] = {
            owner: _targets(meaning, f"{name}.{kind}.{owner}", targets)
            for owner, targets in as_object(owners).items()
        }
    return read


def _targets(meaning: Meaning, where: str, value: JsonValue) -> list[JsonValue]:
    listed = as_list(value)
    if value and not listed:
        meaning.note(where, "no list; left out")
    return _once([item if (code := as_code(item)) is None else code for item in listed])


def _quantified(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    """Models always by `code`: some answers say `identifier`."""
    read = as_object(_associations(meaning, name, value))
    for owners in map(as_object, read.values()):
        if "product_models" in owners:
            owners["product_models"] = [_by_code(it) for it in as_list(owners["product_models"])]
    return read


def _by_code(target: JsonValue) -> JsonValue:
    if (
        not isinstance(target, dict)
        or "code" in target
        or as_text(target.get("identifier")) is None
    ):
        return target
    return {"code": target["identifier"], **{k: v for k, v in target.items() if k != "identifier"}}


def _set(meaning: Meaning, name: str, value: JsonValue) -> JsonValue:
    listed = as_list(value)
    if value and not listed:
        meaning.note(name, "no list")
        return value
    return _once(listed)


def _once(items: list[JsonValue]) -> list[JsonValue]:
    """Each once, as written, in order; the list itself where nothing is there twice."""
    if len(items) < 2:  # noqa: PLR2004 - one is once
        return items
    found: dict[str | bytes, JsonValue] = {}
    for item in items:
        found.setdefault(item if type(item) is str else dump_bytes(item, sort_keys=True), item)
    return items if len(found) == len(items) else [*found.values()]


_PARTS: dict[str, Callable[[Meaning, str, JsonValue], JsonValue]] = {
    "uuid": _uuid,
    "identifier": _name,
    "code": _name,
    "enabled": _enabled,
    "family": _code,
    "family_variant": _code,
    "parent": _code,
    "root_parent": _code,
    "categories": _codes,
    "groups": _codes,
    "values": _values,
    "associations": _associations,
    "quantified_associations": _quantified,
    "completenesses": _set,
    "quality_scores": _set,
    "created": _as_it_is,
}
"""All that a document shows of an answer, and what says which model one is."""
