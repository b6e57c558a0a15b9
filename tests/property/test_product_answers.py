"""Whatever the PIM answers about a product: it is mirrored, or it fails alone with a reason."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pim.canonical import dump_json, load_json
from pim.document import CatalogParts, Draft
from pim.errors import InvalidAnswer
from pim.ids import OrderNumber
from pim.json_types import JsonObject, JsonValue
from pim.product import SourceProduct, parse_product
from pim.reads import ProductRead, ReadInterval
from pim.vocabulary import CatalogKind, Identity
from storage import Store
from storage.products import Cause, ProductWrite, write_products
from storage.products.export import export_products
from tests.store_builders import NOW, body_of, uuid_of

TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            "",
            " ",
            "x" * 400,
            "\0",
            "\ud800",
            "2024-13-45",
            "9999-12-31T23:59:59-23:59",
            "null",
            "{}",
        ]
    ),
)
NUMBERS = st.sampled_from(["0", "-0", "1e400", "0.10", "9" * 30, "-1.5E-9", "NaN?"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**70), TEXTS)
CODES = st.sampled_from(["name", "colour", "price", "0", "1", "NAME", "sku", "en_US"])
ANY: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CODES | TEXTS, inner, max_size=3),
    max_leaves=10,
)
INSTANTS = st.sampled_from(
    ["2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00", "0001-01-01T00:00:00+14:00", "2026", ""]
)


def maybe(*likely: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    """As it should be, mostly; else of any shape."""
    return st.one_of(*likely, *likely, ANY)


VALUE = st.fixed_dictionaries(
    {"data": ANY},
    optional={
        "locale": maybe(st.none(), CODES),
        "scope": maybe(st.none()),
        "attribute_type": maybe(
            st.sampled_from(
                ["pim_catalog_simpleselect", "pim_catalog_multiselect",
                 "pim_catalog_price_collection",
                 "akeneo_reference_entity", "pim_catalog_asset_collection", "pim_catalog_image"]
            )
        ),
        "linked_data": maybe(st.dictionaries(CODES, ANY, max_size=2)),
        "_links": maybe(st.just({"download": {"href": "https://pim.test/x"}})),
        "reference_data_name": maybe(CODES),
    },
)  # fmt: skip
PRODUCTS = st.fixed_dictionaries(
    {},
    optional={
        "uuid": maybe(st.just(uuid_of(2)), st.just(uuid_of(2).upper())),
        "identifier": maybe(TEXTS),
        "enabled": maybe(st.booleans()),
        "family": maybe(CODES),
        "parent": maybe(CODES, st.none()),
        "root_parent": ANY,
        "categories": maybe(st.lists(CODES, max_size=3)),
        "groups": ANY,
        "values": maybe(st.dictionaries(CODES | TEXTS, maybe(st.lists(VALUE, max_size=2)))),
        "associations": maybe(st.dictionaries(CODES, st.dictionaries(CODES, ANY, max_size=2))),
        "quantified_associations": maybe(
            st.dictionaries(CODES, st.fixed_dictionaries({"product_models": ANY, "products": ANY}))
        ),
        "completenesses": ANY,
        "quality_scores": ANY,
        "created": maybe(INSTANTS),
        "updated": maybe(INSTANTS, st.just("2026-11-23T10:00:00+01:00")),
        "_links": ANY,
        "metadata": ANY,
    },
)
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "code": maybe(CODES),
        "labels": maybe(st.dictionaries(CODES, ANY, max_size=2)),
        "type": maybe(st.sampled_from(["pim_catalog_simpleselect", "pim_catalog_text"])),
        "parent": maybe(CODES, st.none()),
        "attributes": maybe(st.lists(CODES, max_size=2)),
        "values": ANY,
        "group": maybe(CODES),
        "reference_data_name": maybe(CODES),
    },
)


@dataclass(frozen=True)
class OddCatalog:
    """A mirror of answers that were no better than the product's."""

    items: list[JsonObject | None]

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        return self.items[(len(kind.value) + len(parent) + len(code)) % len(self.items)]


def read(body: JsonObject) -> SourceProduct | str:
    """The product as parsed from the wire, or why it cannot be."""
    try:
        sent = load_json(json.dumps(body).replace('"NaN?"', "1e400"))
        assert isinstance(sent, dict)
        return parse_product(sent, identity=Identity.UUID, main_identifier="sku")
    except (InvalidAnswer, ValueError) as refused:
        return str(refused)


@given(body=PRODUCTS, items=st.lists(st.none() | ITEMS, min_size=1, max_size=4))
@example(body={"uuid": uuid_of(2), "updated": "2026-11-23T10:00:00+01:00"}, items=[None])
@settings(max_examples=250, deadline=None)
def test_a_product_of_any_shape_is_rendered_or_refused_with_a_reason(
    body: JsonObject, items: list[JsonObject | None]
) -> None:
    product = read(body)
    if isinstance(product, str):
        assert product
        return
    catalog = OddCatalog(items)
    draft = Draft(product, CatalogParts(catalog))
    assert draft.unresolved() <= draft.unknown <= draft.references
    draft.contradicted()
    document = draft.render()
    text = dump_json(document.body)
    assert json.loads(text, parse_constant=pytest.fail)["key"] == product.key
    assert "\0" not in text


def write_of(product: SourceProduct, number: int) -> ProductWrite:
    interval = ReadInterval(OrderNumber(number), OrderNumber(number + 1), NOW)
    document = Draft(product, CatalogParts(OddCatalog([None]))).render()
    return ProductWrite(ProductRead(product.key, interval, product), document)


@given(body=PRODUCTS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_read_can_be_stored_beside_others_and_shown_again(
    store: Store, body: JsonObject
) -> None:
    odd = read(body | {"updated": "2026-11-23T10:00:00+01:00", "uuid": uuid_of(2)})
    good = [read(body_of(1)), read(body_of(3))]
    products = [
        product for product in [good[0], odd, good[1]] if isinstance(product, SourceProduct)
    ]
    number = store.draw_number()
    store.draw_number()
    writes = [write_of(product, number) for product in products]
    store.run(lambda tx: write_products(tx, writes, cause=Cause("test"), now=NOW))
    with store.read() as tx:
        shown = [json.loads(each.line()) for each in export_products(tx)]
    keys = {product["key"] for product in shown}
    assert {uuid_of(1), uuid_of(3)} <= keys
    if isinstance(odd, SourceProduct):
        (line,) = (product for product in shown if product["key"] == uuid_of(2))
        assert line["source"] == json.loads(dump_json(odd.body))
