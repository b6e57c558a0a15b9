"""Small products and a catalog in memory, for the tests of documents."""

from dataclasses import dataclass, field

from pim.document import CatalogParts, Document, Draft
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product import SourceProduct, parse_product
from pim.vocabulary import CatalogKind, Identity

UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"


@dataclass
class Catalog:
    items: dict[tuple[CatalogKind, str, str], JsonObject] = field(default_factory=dict)

    def add(self, kind: CatalogKind, code: str, *, home: str = "", **body: JsonValue) -> None:
        self.items[kind, home.casefold(), code.casefold()] = {"code": code, **body}

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        return self.items.get((kind, parent.casefold(), code.casefold()))


def product_of(values: JsonValue = None, **more: JsonValue) -> SourceProduct:
    body: JsonObject = {
        "uuid": UUID,
        "enabled": True,
        "values": {} if values is None else values,
        "updated": "2024-03-05T09:10:11+00:00",
        **more,
    }
    return parse_product(body, identity=Identity.UUID, main_identifier="sku")


def value_of(data: JsonValue, **more: JsonValue) -> JsonObject:
    return {"data": data, "locale": None, "scope": None, **more}


def draft_of(product: SourceProduct, catalog: Catalog | None = None) -> Draft:
    return Draft(product, CatalogParts(catalog or Catalog()))


def render_document(product: SourceProduct, catalog: Catalog | None = None) -> Document:
    return draft_of(product, catalog).render()


def rendered(product: SourceProduct, catalog: Catalog | None = None) -> JsonObject:
    return render_document(product, catalog).body


def entry_of(product: SourceProduct, code: str, catalog: Catalog | None = None) -> JsonObject:
    attribute = as_object(as_object(rendered(product, catalog)["attributes"])[code])
    (entry,) = as_list(attribute["values"])
    return as_object(entry)
