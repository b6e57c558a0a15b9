"""Records, assets, and what they belong to, as REST shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from pim.json_types import JsonObject, JsonValue, as_text, texts
from simulator.shop import StructureItem, Thing, ThingKind, atom_time, options_parent
from simulator.store import Structure, ThingStore

_MEDIA = {
    ThingKind.RECORD: "reference-entities-media-files",
    ThingKind.ASSET: "asset-media-files",
}
_FILES = frozenset({"image", "media_file"})
_OPTIONS = frozenset({"single_option", "multiple_options"})
_RECORDS = frozenset({"reference_entity_single_link", "reference_entity_multiple_links"})


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The values that a reader asked for; None: all of them."""

    channel: str | None = None
    locales: frozenset[str] | None = None

    def shows(self, entry: JsonObject) -> bool:
        """Whether a value is of the channel and the locales, or is the same for all."""
        locale, channel = entry["locale"], entry["channel"]
        if self.locales is not None and locale is not None and locale not in self.locales:
            return False
        return self.channel is None or channel is None or channel == self.channel


EVERYTHING = Narrowing()


class ThingRenderer:
    """Writes records and assets down, without what the structure no longer knows."""

    def __init__(
        self, structure: Structure, things: ThingStore, base_url: str, *, saas: bool
    ) -> None:
        self._structure = structure
        self._things = things
        self._rest = f"{base_url}/api/rest/v1"
        self._saas = saas

    def body(self, thing: Thing, asked: Narrowing = EVERYTHING) -> JsonObject:
        """The thing as a single GET answers it; no values are `{}` here, and not PHP's list."""
        found: JsonObject = {"code": thing.code}
        if self._saas:
            is_record = thing.kind is ThingKind.RECORD
            found["reference_entity_code" if is_record else "asset_family_code"] = thing.family
        found["values"] = self._values(thing, asked)
        found.update(created=atom_time(thing.created), updated=atom_time(thing.updated))
        return found

    def item(self, thing: Thing, asked: Narrowing) -> JsonObject:
        """The thing as an item of a list, with a link to itself in front."""
        path = f"{thing.kind.families}/{thing.family}/{thing.kind}/{thing.code}"
        return {"_links": {"self": {"href": f"{self._rest}/{path}"}}, **self.body(thing, asked)}

    def family(self, item: StructureItem, *, in_list: bool) -> JsonObject:
        """A reference entity or an asset family; an entity's image has a link."""
        links: JsonObject = {}
        if in_list:
            links["self"] = {"href": f"{self._rest}/{item.kind}/{item.code}"}
        image = as_text(item.body.get("image"))
        if image is not None:
            href = f"{self._rest}/{_MEDIA[ThingKind.RECORD]}/{image}"
            links["image_download"] = {"href": href}
        return {"_links": links, **item.body} if links else item.body

    def _values(self, thing: Thing, asked: Narrowing) -> JsonValue:
        attributes = {
            item.code: item.body
            for item in self._structure.items(thing.kind.attributes, thing.family)
        }
        found: JsonObject = {}
        for code, entries in thing.values.items():
            attribute = attributes.get(code)
            if attribute is None:
                continue
            shown = [
                rendered
                for entry in self._present(entries, asked)
                for rendered in self._entry(thing, attribute, entry)
            ]
            if shown:
                found[code] = [*shown]
        return found

    def _present(self, entries: list[JsonObject], asked: Narrowing) -> Iterable[JsonObject]:
        active = self._structure.active("locales")
        for entry in entries:
            locale, channel = entry["locale"], as_text(entry["channel"])
            is_on = locale is None or locale in active
            is_there = channel is None or self._structure.get("channels", channel) is not None
            if is_on and is_there and asked.shows(entry):
                yield entry

    def _entry(
        self, thing: Thing, attribute: JsonObject, entry: JsonObject
    ) -> Iterable[JsonObject]:
        kind = str(attribute["type"])
        shown: JsonObject = dict(entry)
        if kind in _OPTIONS or kind in _RECORDS:
            shown["data"] = self._known(thing, attribute, entry["data"])
        elif kind in _FILES:
            shown["_links"] = self._file_links(thing, attribute, entry["data"])
        if self._saas:
            shown.update(_said_in_the_cloud(kind, attribute, entry["data"]))
        if shown["data"] not in (None, []):
            yield shown

    def _known(self, thing: Thing, attribute: JsonObject, data: JsonValue) -> JsonValue:
        """The codes that there still are, as they are written where they come from."""
        if isinstance(data, str):
            return self._known_code(thing, attribute, data)
        codes = [self._known_code(thing, attribute, code) for code in texts(data)]
        return [code for code in codes if code is not None]

    def _known_code(self, thing: Thing, attribute: JsonObject, code: str) -> str | None:
        if attribute["type"] in _OPTIONS:
            parent = options_parent(thing.family, str(attribute["code"]))
            option = self._structure.get(thing.kind.options, code, parent)
            return None if option is None else option.code
        entity = str(attribute.get("reference_entity_code"))
        record = self._things.get(ThingKind.RECORD, entity, code)
        return None if record is None else record.code

    def _file_links(self, thing: Thing, attribute: JsonObject, data: JsonValue) -> JsonObject:
        links: JsonObject = {
            "download": {"href": f"{self._rest}/{_MEDIA[thing.kind]}/{data}"},
        }
        family = self._structure.get(thing.kind.families, thing.family)
        is_shared = family is not None and family.body.get("sharing_enabled") is True
        if self._saas and is_shared:
            host = self._rest.partition("/api/")[0]
            links["share_link"] = {
                "href": f"{host}/share/{thing.family}/{attribute['code']}/{thing.code}"
            }
        return links


def _said_in_the_cloud(kind: str, attribute: JsonObject, data: JsonValue) -> JsonObject:
    said: JsonObject = {"attribute_type": kind}
    if kind == "media_link":
        prefix, suffix = attribute.get("prefix"), attribute.get("suffix")
        said["linked_data"] = {
            "full_url": f"{prefix or ''}{data}{suffix or ''}",
            "prefix": prefix,
            "suffix": suffix,
        }
    return said
