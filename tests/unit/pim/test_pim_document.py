"""Documents: what a shop can show without asking the PIM again."""

from pim.canonical import dump_json
from pim.json_types import JsonObject, JsonValue
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from tests.unit.pim.small_documents import (
    UUID,
    Catalog,
    draft_of,
    product_of,
    render_document,
    rendered,
    value_of,
)


def test_a_bare_product_has_the_whole_shape_with_the_key_first() -> None:
    assert list(rendered(product_of()).items()) == [
        ("key", UUID),
        ("uuid", UUID),
        ("identifier", None),
        ("enabled", True),
        ("family", None),
        ("parent", None),
        ("root", None),
        ("categories", []),
        ("channels", []),
        ("groups", []),
        ("attributes", {}),
        ("associations", {}),
        ("quantified_associations", {}),
        ("completenesses", None),
        ("created", None),
        ("updated", "2024-03-05T09:10:11+00:00"),
    ]


def test_a_family_has_its_labels_in_every_locale() -> None:
    catalog = Catalog()
    labels: JsonObject = {"en_US": "Lamps", "de_DE": "Lampen", "fr_FR": None, "it_IT": ""}
    catalog.add(CatalogKind.FAMILY, "lamps", labels=labels)
    assert rendered(product_of(family="Lamps"), catalog)["family"] == {
        "code": "Lamps",
        "labels": {"en_US": "Lamps", "de_DE": "Lampen"},
    }


def test_an_unknown_family_is_its_code() -> None:
    assert rendered(product_of(family="lamps"))["family"] == {"code": "lamps"}


def test_labels_that_php_wrote_as_a_list_are_empty_labels() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.FAMILY, "lamps", labels=[])
    family = rendered(product_of(family="lamps"), catalog)["family"]
    assert family == {"code": "lamps", "labels": {}}


def test_categories_carry_labels_and_the_path_from_the_root() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "master", parent="", labels={"en_US": "Master"})
    catalog.add(CatalogKind.CATEGORY, "lamps", parent="master")
    catalog.add(CatalogKind.CATEGORY, "desk", parent="lamps", labels={"en_US": "Desk"})
    document = render_document(product_of(categories=["desk", "unknown"]), catalog)
    ancestors = [
        {"code": "master", "labels": {"en_US": "Master"}},
        {"code": "lamps", "labels": {}},
    ]
    assert document.body["categories"] == [
        {
            "code": "desk",
            "labels": {"en_US": "Desk"},
            "path": ["master", "lamps", "desk"],
            "ancestors": ancestors,
        },
        {"code": "unknown"},
    ]
    codes = ("desk", "lamps", "master", "unknown")
    assert document.references == {
        *(Reference(CatalogKind.CATEGORY, "", code) for code in codes),
        Reference(CatalogKind.CATEGORY_TREE, "", "master"),
    }


def test_channels_are_those_of_the_trees_that_a_product_is_in() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "Master", parent=None)
    catalog.add(CatalogKind.CATEGORY, "desk", parent="Master")
    catalog.add(CatalogKind.CATEGORY, "sale", parent=None)
    web: JsonObject = {"code": "web", "labels": {"en_US": "Web"}}
    app: JsonObject = {"code": "app", "labels": {}}
    catalog.add(CatalogKind.CATEGORY_TREE, "master", channels=[web, app])
    catalog.add(CatalogKind.CATEGORY_TREE, "sale", channels=[])
    shown = rendered(product_of(categories=["desk", "sale"]), catalog)
    assert shown["channels"] == [app, web]
    assert rendered(product_of(categories=["sale"]), catalog)["channels"] == []


def test_channels_are_not_said_while_the_way_up_from_a_category_is_not_known() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "sale", parent=None)
    catalog.add(CatalogKind.CATEGORY, "desk", parent="unknown")
    catalog.add(CatalogKind.CATEGORY_TREE, "sale", channels=[])
    assert "channels" not in rendered(product_of(categories=["sale", "desk"]), catalog)


def test_what_a_tree_is_shown_by_is_never_asked_of_the_source() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "sale", parent=None)
    draft = draft_of(product_of(categories=["sale"]), catalog)
    assert draft.unknown == {Reference(CatalogKind.CATEGORY_TREE, "", "sale")}
    assert draft.unresolved() == set()


def test_a_category_whose_ancestors_are_not_known_has_no_path() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "desk", parent="lamps")
    assert rendered(product_of(categories=["desk"]), catalog)["categories"] == [
        {"code": "desk", "labels": {}}
    ]


def test_categories_in_a_circle_end_without_a_path() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "a", parent="b")
    catalog.add(CatalogKind.CATEGORY, "b", parent="A")
    assert rendered(product_of(categories=["a"]), catalog)["categories"] == [
        {"code": "a", "labels": {}}
    ]


def test_a_variant_knows_parent_and_root() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.PRODUCT_MODEL, "root_model")
    catalog.add(CatalogKind.PRODUCT_MODEL, "sub", parent="root_model")
    body = rendered(product_of(parent="sub"), catalog)
    assert (body["parent"], body["root"]) == ("sub", "root_model")
    body = rendered(product_of(parent="root_model"), catalog)
    assert (body["parent"], body["root"]) == ("root_model", "root_model")


def test_a_root_that_is_not_known_is_absent_unless_the_source_tells_it() -> None:
    assert "root" not in rendered(product_of(parent="sub"))
    assert rendered(product_of(parent="sub", root_parent="top"))["root"] == "top"


def test_associations_are_maps_of_lists_whatever_php_made_of_them() -> None:
    product = product_of(
        associations={"X_SELL": {"products": ["a"], "groups": {}}, "PACK": []},
        quantified_associations=[],
        completenesses={},
        quality_scores=[],
    )
    body = rendered(product)
    assert body["associations"] == {"X_SELL": {"products": ["a"], "groups": []}, "PACK": {}}
    assert body["quantified_associations"] == {}
    assert body["completenesses"] == []
    assert "quality_scores" not in body


def test_quantified_models_are_named_by_code_in_either_spelling() -> None:
    quantified: JsonObject = {
        "KIT": {
            "products": [{"uuid": "a", "quantity": 2}],
            "product_models": [{"identifier": "m", "quantity": 1}, {"code": "n", "quantity": 3}],
        }
    }
    product = product_of(quantified_associations=quantified)
    assert rendered(product)["quantified_associations"] == {
        "KIT": {
            "products": [{"uuid": "a", "quantity": 2}],
            "product_models": [{"code": "m", "quantity": 1}, {"code": "n", "quantity": 3}],
        }
    }
    assert product.body["quantified_associations"] == quantified


def test_a_document_depends_on_the_products_and_models_it_is_associated_with() -> None:
    product = product_of(
        associations={
            "X_SELL": {"products": ["a", None, "a\x00"], "product_models": ["m"]},
            "P": [],
        },
        quantified_associations={
            "KIT": {
                "products": [{"uuid": "b", "quantity": 2}, {"identifier": "c"}, 5.0],
                "product_models": [{"identifier": "n", "quantity": 1}, {"code": "o"}],
            }
        },
    )
    assert render_document(product, Catalog()).references == {
        *(Reference(CatalogKind.PRODUCT, "", code) for code in "abc"),
        *(Reference(CatalogKind.ASSOCIATED_MODEL, "", code) for code in "mno"),
    }
    assert draft_of(product).unresolved() == set()


def test_scores_and_completenesses_are_kept() -> None:
    scores: list[JsonValue] = [{"scope": "ecommerce", "locale": "en_US", "data": "B"}]
    body = rendered(product_of(quality_scores=scores, completenesses=scores))
    assert (body["quality_scores"], body["completenesses"]) == (scores, scores)


def test_a_product_names_what_it_needs() -> None:
    linked: JsonObject = {"code": "red", "labels": {}}
    product = product_of(
        {
            "name": [value_of("x")],
            "color": [value_of("red", linked_data=linked)],
            "rooms": [value_of(["a", "b"], attribute_type="pim_catalog_multiselect")],
        },
        family="lamps",
        categories=["desk"],
        parent="sub",
    )
    kinds = CatalogKind
    assert draft_of(product).references == {
        Reference(kinds.FAMILY, "", "lamps"),
        Reference(kinds.CATEGORY, "", "desk"),
        Reference(kinds.PRODUCT_MODEL, "", "sub"),
        Reference(kinds.ATTRIBUTE, "", "name"),
        Reference(kinds.ATTRIBUTE, "", "color"),
        Reference(kinds.ATTRIBUTE, "", "rooms"),
        Reference(kinds.OPTION, "color", "red"),
        Reference(kinds.OPTION, "rooms", "a"),
        Reference(kinds.OPTION, "rooms", "b"),
    }


def test_what_must_be_read_shrinks_to_nothing_and_spares_options_that_came_along() -> None:
    catalog = Catalog()
    linked: JsonObject = {"code": "red", "labels": {"en_US": "Red"}}
    product = product_of(
        {"color": [value_of("red", linked_data=linked)], "size": [value_of("xl")]},
        categories=["desk"],
    )
    rounds: list[set[Reference]] = []
    bodies: dict[str, JsonObject] = {
        "size": {"type": "pim_catalog_simpleselect"},
        "color": {"type": "pim_catalog_simpleselect"},
        "desk": {"parent": "lamps"},
        "lamps": {"parent": None},
        "xl": {},
    }
    while missing := draft_of(product, catalog).unresolved():
        rounds.append(set(missing))
        for reference in missing:
            body = bodies[reference.code]
            catalog.add(reference.kind, reference.code, home=reference.parent, **body)
    assert [{reference.code for reference in each} for each in rounds] == [
        {"color", "size", "desk"},
        {"lamps", "xl"},
    ]


def test_codes_that_cannot_be_looked_up_are_no_references() -> None:
    product = product_of({"a\x00": [value_of("x")], "b": [value_of("\ud800", linked_data={})]})
    assert draft_of(product).references == {Reference(CatalogKind.ATTRIBUTE, "", "b")}
    dump_json(rendered(product)).encode()


def test_rendering_leaves_the_product_as_it_was() -> None:
    quantified: JsonObject = {"KIT": {"product_models": [{"identifier": "m", "quantity": 1}]}}
    product = product_of({"name": [value_of("x")]}, quantified_associations=quantified)
    before = dump_json(product.body)
    rendered(product)
    assert dump_json(product.body) == before
