"""Narrowing of documents to what one reader wants; what is in none of it is outside.

It is judged by the document alone: so whatever moves a product into a filter or out of it changes
its document, and is in the feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pim.canonical import dump_json, parse_json
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text

_THINGS = ("record", "asset")
_BY_PLACE = ("completenesses", "quality_scores")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a reader wants, as casefolded codes; an empty set wants all.

    `trees`: the roots of the channels' category trees. A product is in a category if it is in it or
    below it, and in a channel if it is in its tree.
    """

    channels: frozenset[str] = frozenset()
    locales: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    trees: frozenset[str] = frozenset()

    @property
    def is_partial(self) -> bool:
        """Whether anything is left out."""
        return self.has_outside or self.hides_values

    @property
    def has_outside(self) -> bool:
        """Whether there are products that are outside."""
        return bool(self.families or self.categories or self.trees)

    @property
    def hides_values(self) -> bool:
        """Whether parts of a product that is inside are left out."""
        return bool(self.channels or self.locales or self.attributes)

    def narrow_text(self, document: str) -> str | None:
        """Narrow a document's JSON text; None: outside. Numbers stay as they are written."""
        if not self.is_partial:
            return document
        narrowed = self.narrow(as_object(parse_json(document)))
        return None if narrowed is None else dump_json(narrowed)

    def narrow(self, document: JsonObject) -> JsonObject | None:
        """Narrow a document; None: it is outside.

        Left out are attributes that are not named, and values, completenesses and scores of other
        channels and locales; those without a channel or locale are of all. So is an attribute none
        of whose values is left. Of labels, those of other locales are left out, in records and
        assets too.
        """
        if not self._is_inside(document):
            return None
        if not self.hides_values:
            return document
        narrowed = {**document}
        for name in {"family", "categories"} & document.keys():
            narrowed[name] = self._narrow_named(document[name])
        narrowed["attributes"] = dict(self._attributes(as_object(document.get("attributes"))))
        for name in document.keys() & _BY_PLACE:
            narrowed[name] = self._narrow_places(document[name])
        return narrowed

    def narrow_values(self, values: JsonValue) -> JsonObject:
        """Narrow values as the source writes them: entries by attribute."""
        wanted = {
            code: entries
            for code, entries in as_object(values).items()
            if self.is_shown(code, None, None)
        }
        return self._narrow_entries(wanted)

    def is_shown(self, attribute: str, scope: str | None, locale: str | None) -> bool:
        """Whether a value of an attribute is kept; without a channel or locale it is of all."""
        return (
            _fits(attribute, self.attributes)
            and _fits(scope, self.channels)
            and _fits(locale, self.locales)
        )

    def _is_inside(self, document: JsonObject) -> bool:
        if not self.has_outside:
            return True
        family = as_text(as_object(document.get("family")).get("code")) or ""
        if self.families and family.casefold() not in self.families:
            return False
        above = {each.casefold() for each in _categories(document)}
        return all(not wanted or wanted & above for wanted in (self.categories, self.trees))

    def _attributes(self, attributes: JsonObject) -> Iterator[tuple[str, JsonObject]]:
        for code, attribute in attributes.items():
            shown = as_object(attribute)
            if _fits(code, self.attributes) and (
                values := [*map(self._narrow_value, self._narrow_places(shown.get("values")))]
            ):
                yield code, {**as_object(self._narrow_named(shown)), "values": values}

    def _narrow_value(self, value: JsonValue) -> JsonValue:
        shown = {**as_object(self._narrow_named(value))}
        for name in shown.keys() & _THINGS:
            shown[name] = self._narrow_thing(shown[name])
        return shown

    def _narrow_thing(self, thing: JsonValue) -> JsonValue:
        """A record or asset; or several, by their codes; or those by columns of a table."""
        if not isinstance(thing, dict):
            return thing
        if not isinstance(thing.get("code"), str):
            return {name: self._narrow_thing(each) for name, each in thing.items()}
        narrowed = {**as_object(self._narrow_named(thing))}
        if "values" in thing:
            narrowed["values"] = self._narrow_entries(as_object(thing["values"]))
        if "media" in thing:
            narrowed["media"] = self._narrow_places(thing["media"])
        return narrowed

    def _narrow_entries(self, values: JsonObject) -> JsonObject:
        """Entries by attribute, of those that have any left."""
        kept = {code: self._narrow_places(entries) for code, entries in values.items()}
        return {code: entries for code, entries in kept.items() if entries}

    def _narrow_places(self, entries: JsonValue) -> list[JsonValue]:
        """Those of a channel and locale that are wanted; records call their channel `channel`."""
        return [each for each in as_list(entries) if self._is_wanted_place(as_object(each))]

    def _is_wanted_place(self, entry: JsonObject) -> bool:
        scope = as_text(entry.get("scope")) or as_text(entry.get("channel"))
        return _fits(scope, self.channels) and _fits(as_text(entry.get("locale")), self.locales)

    def _narrow_named(self, named: JsonValue) -> JsonValue:
        """Something with `labels`, or a list of it, with those of wanted locales."""
        if not self.locales:
            return named
        if isinstance(named, list):
            return [self._narrow_named(each) for each in named]
        if not isinstance(named, dict) or "labels" not in named:
            return named
        return {**named, "labels": self._narrow_labels(named["labels"])}

    def _narrow_labels(self, labels: JsonValue) -> JsonValue:
        """Labels by locale; or by option, or by column and option, and then by locale."""
        if not isinstance(labels, dict):
            return labels
        if all(isinstance(label, str) for label in labels.values()):
            return {of: label for of, label in labels.items() if of.casefold() in self.locales}
        return {name: self._narrow_labels(each) for name, each in labels.items()}


EVERYTHING = Narrowing()
"""No narrowing: documents as they are."""


def _fits(code: str | None, wanted: frozenset[str]) -> bool:
    return not wanted or code is None or code.casefold() in wanted


def _categories(document: JsonObject) -> Iterator[str]:
    """The codes of its categories, and of those above them where the way up is known."""
    for each in map(as_object, as_list(document.get("categories"))):
        for code in (each.get("code"), *as_list(each.get("path"))):
            if isinstance(code, str):
                yield code
