"""What changed between two answers about one product: pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from pim.canonical import dump_bytes
from pim.fingerprint import fingerprint_product
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text

_NO_CONTENT = frozenset({"_links", "updated", "values"})


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

    Ignores what the content hash ignores: links, `updated`, the order of sets, {} against [].
    """
    before, after = _parts(old or {}), _parts(new or {})
    changed = [
        part
        for part in before.keys() | after.keys()
        if not _same(part, before.get(part), after.get(part))
    ]
    return tuple(sorted(changed, key=_order))


def _parts(body: JsonObject) -> dict[Changed, JsonValue]:
    parts = {
        Changed(field, field=True): value
        for field, value in body.items()
        if field not in _NO_CONTENT
    }
    parts.update(_values(as_object(body.get("values"))))
    return parts


def _values(values: JsonObject) -> Iterator[tuple[Changed, JsonValue]]:
    for code, entries in values.items():
        for entry in as_list(entries):
            place = as_object(entry)
            locale, scope = as_text(place.get("locale")), as_text(place.get("scope"))
            yield Changed(code, locale=locale, scope=scope), entry


def _same(part: Changed, old: JsonValue, new: JsonValue) -> bool:
    # Compared as written: 1.50 is not 1.5. Most parts are alike to the byte.
    return dump_bytes(old) == dump_bytes(new) or _fingerprint(part, old) == _fingerprint(part, new)


def _fingerprint(part: Changed, value: JsonValue) -> str:
    return fingerprint_product({part.code: value} if part.field else {"values": {"": [value]}})


def _order(part: Changed) -> tuple[bool, str, str, str]:
    return (not part.field, part.code, part.locale or "", part.scope or "")
