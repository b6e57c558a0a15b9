"""Documents stay, to the byte, what they were when `golden_documents.jsonl` was recorded.

It holds four products of a simulated PIM, with values of every type, the items that they name, and
what was made of them. A document that is meant to change is recorded anew, and says so by its diff.
"""

import hashlib
from pathlib import Path

import pytest

from pim.canonical import dump_json, load_json
from pim.document import CatalogParts, Draft
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product import SourceProduct, parse_product
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity
from tests.unit.pim.small_documents import Catalog

RECORDED = [
    as_object(load_json(line))
    for line in Path(__file__).with_name("golden_documents.jsonl").read_text().splitlines()
]
ITEMS = [each for each in RECORDED if "kind" in each]
PRODUCTS = [each for each in RECORDED if "source" in each]
NUMBERS = range(len(PRODUCTS))


def add(catalog: Catalog, item: JsonObject) -> None:
    key = (CatalogKind(str(item["kind"])), str(item["parent"]), str(item["code"]))
    catalog.items[key[0], key[1].casefold(), key[2].casefold()] = as_object(item["body"])


def catalog_of(items: list[JsonObject]) -> Catalog:
    catalog = Catalog()
    for item in items:
        add(catalog, item)
    return catalog


def product(number: int) -> SourceProduct:
    source = as_object(PRODUCTS[number]["source"])
    return parse_product(source, identity=Identity.UUID, main_identifier="sku")


def references(recorded: JsonValue) -> set[Reference]:
    named = [[str(part) for part in as_list(each)] for each in as_list(recorded)]
    return {Reference(CatalogKind(kind), parent, code) for kind, parent, code in named}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_document_is_what_it_was(number: int) -> None:
    recorded = PRODUCTS[number]
    draft = Draft(product(number), CatalogParts(catalog_of(ITEMS)))
    document = draft.render()
    assert document.body == recorded["document"]
    assert dump_json(document.body) == dump_json(recorded["document"])
    assert document.references == references(recorded["references"])
    assert draft.unresolved() <= draft.unknown <= document.references


@pytest.mark.parametrize("number", NUMBERS)
def test_a_document_without_a_third_of_the_items_is_what_it_was(number: int) -> None:
    recorded = as_object(PRODUCTS[number]["without_a_third"])
    known = [item for place, item in enumerate(ITEMS) if place % 3 != 1]
    draft = Draft(product(number), CatalogParts(catalog_of(known)))
    document = draft.render()
    said = hashlib.sha256(dump_json(document.body).encode()).hexdigest()
    assert said == recorded["document_hash"]
    assert document.references == references(recorded["references"])
    assert draft.unresolved() == references(recorded["unresolved"])


def test_what_is_kept_of_a_catalog_stays_true_while_it_learns_more() -> None:
    catalog = Catalog()
    parts = CatalogParts(catalog)
    products = [*map(product, NUMBERS)]
    for start in (3, 7, 1, 0, 5, 2, 8, 4, 6):
        for item in ITEMS[start::9]:
            add(catalog, item)
        for each in products:
            kept, anew = Draft(each, parts), Draft(each, CatalogParts(catalog))
            assert (kept.references, kept.unknown) == (anew.references, anew.unknown)
            assert kept.contradicted() == anew.contradicted()
    for each in products:
        assert Draft(each, parts).render() == Draft(each, CatalogParts(catalog)).render()
