"""Differences between two answers about one product: pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from pim.canonical import dump_bytes
from pim.document import download_link
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from pim.product import fingerprint_product, read_meaning

_NO_CONTENT = frozenset({"_links", "updated", "values"})
_NO_SHOWN_CHANGE = frozenset({"updated", "attributes"})


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed attribute value (by locale and scope), or a top-level field like `categories`."""

    code: str
    field: bool = False
    locale: str | None = None
    scope: str | None = None

    def to_json(self) -> JsonObject:
        """Give the stored form."""
        if self.field:
            return {"field": self.code}
        return {"attribute": self.code, "locale": self.locale, "scope": self.scope}


def changed_from_json(value: JsonValue) -> Changed:
    """Read the stored form."""
    stored = as_object(value)
    field = as_text(stored.get("field"))
    if field is not None:
        return Changed(field, field=True)
    return Changed(
        code=as_text(stored.get("attribute")) or "",
        locale=as_text(stored.get("locale")),
        scope=as_text(stored.get("scope")),
    )


def diff_products(old: JsonObject | None, new: JsonObject | None) -> tuple[Changed, ...]:
    """List what differs: fields first, then values, by name; a side that is None holds nothing.

    Ignores what the content hash ignores: spelling, links, `updated`, the order of sets, keys that
    no document shows.
    """
    before, after = read_meaning(old or {}).content, read_meaning(new or {}).content
    fields = [
        Changed(field, field=True)
        for field in _unlike(before, after) - _NO_CONTENT
        if _differ(_only(before, field), _only(after, field))
    ]
    values = _diff_values(as_object(before.get("values")), as_object(after.get("values")))
    return tuple(sorted([*fields, *values], key=_order))


def diff_documents(old: JsonObject, new: JsonObject) -> tuple[Changed, ...]:
    """List what is shown otherwise: fields, and attributes as a whole; not the date alone."""
    before, after = as_object(old.get("attributes")), as_object(new.get("attributes"))
    fields = [Changed(name, field=True) for name in _unlike(old, new) - _NO_SHOWN_CHANGE]
    attributes = [Changed(code) for code in _unlike(before, after)]
    return tuple(sorted([*fields, *attributes], key=_order))


def diff_links(old: JsonObject, new: JsonObject) -> dict[Changed, tuple[str | None, str | None]]:
    """Give the links of files that differ, before and now: shown, and no part of the content."""
    before, now = _links(old), _links(new)
    places = sorted(before.keys() | now.keys(), key=_order)
    both = {place: (before.get(place), now.get(place)) for place in places}
    return {place: links for place, links in both.items() if links[0] != links[1]}


def _links(body: JsonObject) -> dict[Changed, str]:
    values = as_object(read_meaning(body).content.get("values"))
    return {
        place: link
        for code, entries in values.items()
        for place, entry in _by_place(code, entries).items()
        if (link := download_link(as_object(entry))) is not None
    }


def _diff_values(before: JsonObject, after: JsonObject) -> Iterator[Changed]:
    for code in _unlike(before, after):
        old, new = _by_place(code, before.get(code)), _by_place(code, after.get(code))
        for place in old.keys() | new.keys():
            if _differ(_value(old, place), _value(new, place)):
                yield place


def _unlike(before: JsonObject, after: JsonObject) -> set[str]:
    """Give the keys whose values are not alike to the byte: few, so the rest may take its time.

    Compared as written, not as Python would: 1.50 is not 1.5, and 1 is not true.
    """
    return {
        key
        for key in before.keys() | after.keys()
        if dump_bytes(_only(before, key)) != dump_bytes(_only(after, key))
    }


def _only(body: JsonObject, key: str) -> JsonObject:
    """Give one key of a body: absent is not null."""
    return {key: body[key]} if key in body else {}


def _by_place(code: str, entries: JsonValue) -> dict[Changed, JsonValue]:
    places = {}
    for entry in as_list(entries):
        place = as_object(entry)
        locale, scope = as_text(place.get("locale")), as_text(place.get("scope"))
        places[Changed(code, locale=locale, scope=scope)] = entry
    return places


def _value(places: dict[Changed, JsonValue], place: Changed) -> JsonObject:
    return {"values": {"": [places[place]]}} if place in places else {}


def _differ(old: JsonObject, new: JsonObject) -> bool:
    return fingerprint_product(old) != fingerprint_product(new)


def _order(part: Changed) -> tuple[bool, str, str, str]:
    return (not part.field, part.code, part.locale or "", part.scope or "")
