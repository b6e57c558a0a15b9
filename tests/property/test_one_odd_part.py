"""One odd part of a product, or of what it refers to, costs only itself."""

import copy
from contextlib import suppress

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pim.canonical import dump_json
from pim.document import CatalogParts, Draft
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject, JsonValue, as_object
from pim.product import parse_product
from pim.product.oddities import find_oddities
from pim.structure import parse_item
from pim.vocabulary import CatalogKind, Identity
from tests.property.test_product_answers import ANY
from tests.unit.pim.small_documents import UUID, Catalog, value_of

LINK: JsonObject = {"download": {"href": "https://pim.test/a"}}
PRODUCT: JsonObject = {
    "uuid": UUID,
    "identifier": "LMP-1",
    "enabled": True,
    "family": "lamps",
    "parent": "arc",
    "categories": ["desk", "sale"],
    "groups": ["g1"],
    "values": {
        "name": [
            {"data": "Arc", "locale": "en_US", "scope": None},
            {"data": "Arc", "locale": "fr_FR", "scope": None},
        ],
        "colour": [value_of("red", linked_data={"code": "red", "labels": {"en_US": "Red"}})],
        "rooms": [value_of(["office", "hall"])],
        "weight": [value_of({"amount": "1.50", "unit": "KILOGRAM"})],
        "photo": [value_of("a.jpg", _links=LINK)],
        "brand": [value_of("acme")],
        "parts": [value_of([{"part": "shade", "other": {"type": "product", "uuid": "u-2"}}])],
    },
    "associations": {"PAIR": {"products": ["u-1"], "product_models": ["bow"], "groups": []}},
    "quantified_associations": {"KIT": {"products": [{"uuid": "u-3", "quantity": 2}]}},
    "completenesses": [{"scope": "web", "locale": "en_US", "data": 85}],
    "quality_scores": [{"scope": "web", "locale": "en_US", "data": "B"}],
    "created": "2026-11-01T10:00:00+00:00",
    "updated": "2026-11-23T10:00:00+00:00",
}
SHOWN = {
    "uuid": {"key", "uuid"},
    "parent": {"parent", "root"},
    "values": {"attributes"},
}
"""The parts of the document that a part of the answer is shown in, where it is not its name."""


def _catalog() -> Catalog:
    catalog, kinds = Catalog(), CatalogKind
    types = {
        "name": "text",
        "colour": "simpleselect",
        "rooms": "multiselect",
        "weight": "metric",
        "photo": "image",
        "parts": "table",
    }
    more: dict[str, JsonObject] = {
        "weight": {"metric_family": "Weight"},
        "parts": {"table_configuration": [{"code": "part", "labels": {"en_US": "Part"},
                                           "options": [{"code": "shade", "labels": {}}]}]},
    }  # fmt: skip
    for code, kind in types.items():
        catalog.items[kinds.ATTRIBUTE, "", code] = {
            "code": code,
            "type": f"pim_catalog_{kind}",
            "labels": {"en_US": code},
            "group": "g",
            **more.get(code, {}),
        }
    catalog.add(
        kinds.ATTRIBUTE, "brand", type="akeneo_reference_entity", reference_data_name="brands"
    )
    catalog.add(kinds.OPTION, "red", home="colour", labels={"en_US": "Red"})
    catalog.add(kinds.OPTION, "hall", home="rooms", labels={"en_US": "Hall"})
    catalog.add(kinds.FAMILY, "lamps", labels={"en_US": "Lamps"})
    catalog.add(kinds.CATEGORY, "desk", labels={"en_US": "Desk"}, parent=None)
    catalog.add(kinds.PRODUCT_MODEL, "arc", parent=None)
    catalog.add(kinds.RECORD, "acme", home="brands", values={"label": [value_of("Acme")]})
    catalog.add(
        kinds.MEASUREMENT_FAMILY, "Weight", units={"KILOGRAM": {"code": "KILOGRAM", "labels": {}}}
    )
    return catalog


USED_BY = {
    (CatalogKind.OPTION, "red"): "colour",
    (CatalogKind.OPTION, "hall"): "rooms",
    (CatalogKind.RECORD, "acme"): "brand",
    (CatalogKind.MEASUREMENT_FAMILY, "weight"): "weight",
    (CatalogKind.FAMILY, "lamps"): "family",
    (CatalogKind.CATEGORY, "desk"): "categories",
    (CatalogKind.PRODUCT_MODEL, "arc"): "root",
}
"""Which part of the document shows an item; attributes show themselves."""


def _paths(value: JsonValue, *above: str) -> list[tuple[str, ...]]:
    items = dict(enumerate(value)) if isinstance(value, list) else as_object(value)
    below = [path for key, item in items.items() for path in _paths(item, *above, str(key))]
    return [above, *below] if above else below


def _spoilt(value: JsonValue, path: tuple[str, ...], odd: JsonValue, how: str) -> JsonValue:
    """A copy in which what is at the path is another value, gone, or there twice."""
    whole = copy.deepcopy(value)
    holder: JsonValue = whole
    for key in path[:-1]:
        holder = holder[int(key)] if isinstance(holder, list) else as_object(holder)[key]
    if isinstance(holder, list):
        place = int(path[-1])
        holder[place : place + 1] = {"gone": [], "twice": [holder[place]] * 2}.get(how, [odd])
    elif isinstance(holder, dict) and how == "gone":
        del holder[path[-1]]
    elif isinstance(holder, dict):
        there = holder[path[-1]]
        holder[path[-1]] = [there, there] if how == "twice" else odd
    return whole


def _parts(document: JsonObject) -> JsonObject:
    """The parts of a document, each attribute one of its own."""
    attributes = as_object(document["attributes"])
    others = {name: part for name, part in document.items() if name != "attributes"}
    return {**others, **{f"attributes.{code}": each for code, each in attributes.items()}}


def _rendered(body: JsonObject, catalog: Catalog) -> JsonObject:
    product = parse_product(body, identity=Identity.UUID, main_identifier="sku")
    draft = Draft(product, CatalogParts(catalog))
    draft.unresolved()
    document = draft.render()
    assert all(isinstance(each, str) for each in find_oddities(body, document.body))
    dump_json(document.body)
    return _parts(document.body)


WHOLE = _rendered(PRODUCT, _catalog())
PATHS = _paths(PRODUCT)
HOW = st.sampled_from(["other", "other", "other", "gone", "twice"])


@given(st.sampled_from(PATHS), ANY, HOW)
@example(("values", "name"), {"1": value_of("Arc")}, "other")
@example(("categories",), {"0": "desk", "2": "sale"}, "other")
@example(("associations", "PAIR", "products"), {"0": "u-1", "2": 7}, "other")
@settings(max_examples=300, deadline=None)
def test_an_odd_part_of_a_product_leaves_all_other_parts_as_they_are(
    path: tuple[str, ...], odd: JsonValue, how: str
) -> None:
    body = as_object(_spoilt(PRODUCT, path, odd, how))
    parts: JsonObject = WHOLE
    with suppress(*([InvalidAnswer] if path[0] == "uuid" else [])):  # no key: no product
        parts = _rendered(body, _catalog())
    is_value = path[0] == "values" and len(path) > 1
    touched = {f"attributes.{path[1]}"} if is_value else SHOWN.get(path[0], {path[0]})
    for name, part in WHOLE.items():
        if name not in touched and name.partition(".")[0] not in touched:
            assert parts.get(name) == part, f"{path} spoilt {name}"


ITEMS = sorted(_catalog().items)


@given(st.sampled_from(ITEMS), st.data(), ANY, HOW)
@settings(max_examples=200, deadline=None)
def test_an_odd_item_costs_the_parts_that_show_it(
    item: tuple[CatalogKind, str, str], data: st.DataObject, odd: JsonValue, how: str
) -> None:
    catalog = _catalog()
    path = data.draw(st.sampled_from(_paths(catalog.items[item])))
    body = as_object(_spoilt(catalog.items[item], path, odd, how))
    catalog.items[item] = body
    with suppress(*([InvalidAnswer] if path[0] == "code" else [])):  # no code: no item
        assert len(parse_item(item[0], item[1], body).content_hash) == 64
    parts = _rendered(PRODUCT, catalog)
    shown_in = USED_BY.get((item[0], item[2]), item[2])
    for name, part in WHOLE.items():
        if name.removeprefix("attributes.") != shown_in:
            assert parts.get(name) == part, f"{item} {path} spoilt {name}"
