"""The shop's structure as REST shows it: families, attributes, options, categories and the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pim.json_types import JsonObject, JsonValue, as_object
from simulator.shop.attributes import NO_EXTRAS, SPECS, AttributeSpec, Extras
from simulator.shop.categories import CATEGORIES, MASTER, PRINT_TREE
from simulator.shop.families import (
    FAMILIES,
    FAMILY_VARIANTS,
    list_family_attributes,
    list_family_requirements,
)
from simulator.shop.options import OPTIONS, measurement_families
from simulator.shop.product import atom_time
from simulator.shop.words import LOCALES, PRINT_LOCALES, Phrase

FOUNDED = 1_577_836_800  # 2020-01-01: when the structure was set up
_HOUR = 3600
CURRENCIES = ("EUR", "USD")

_GROUPS: tuple[tuple[str, Phrase], ...] = (
    ("general", Phrase("General", "Allgemein", "Général")),
    ("marketing", Phrase("Marketing", "Marketing", "Marketing")),
    ("appearance", Phrase("Appearance", "Aussehen", "Apparence")),
    ("technical", Phrase("Technical", "Technik", "Technique")),
    ("commerce", Phrase("Commerce", "Handel", "Commerce")),
    ("media", Phrase("Media", "Medien", "")),
    ("other", Phrase("", "", "")),
)
_ASSOCIATIONS: tuple[tuple[str, Phrase, bool], ...] = (
    ("PACK", Phrase("Pack", "Paket", "Lot"), False),
    ("SUBSTITUTION", Phrase("Substitution", "Ersatz", "Remplacement"), False),
    ("UPSELL", Phrase("Upsell", "Höherwertig", "Montée en gamme"), False),
    ("X_SELL", Phrase("Cross sell", "Passt dazu", "Vente croisée"), False),
    ("PRODUCT_SET", Phrase("Product set", "Set", "Ensemble"), True),
)


@dataclass(frozen=True, slots=True)
class StructureItem:
    """One thing of the structure; `updated` in whole seconds, shown only where REST shows it."""

    kind: str
    parent: str | None
    code: str
    body: JsonObject
    updated: int


def labels_of(phrase: Phrase) -> JsonValue:
    """Labels by locale; PHP writes a map without entries as a list."""
    found = {locale: text for locale, text in zip(LOCALES, phrase, strict=True) if text}
    return {**found} if found else []


def make_structure(
    extras: Extras = NO_EXTRAS, *, with_variants: bool = False
) -> Iterator[StructureItem]:
    """Everything but products, kind by kind, each in the order that its list keeps.

    `extras`: attributes that every family has on top of its own. `with_variants`: families vary,
    as they must in a shop with product models.
    """
    specs = (*SPECS, *extras.specs)
    yield from _items("locales", [_locale(code) for code in (*LOCALES, "it_IT", "nl_NL")])
    yield from _items("currencies", [_currency(code) for code in (*CURRENCIES, "GBP", "SEK")])
    yield from _items("channels", _channels())
    yield from _items("measurement-families", [*measurement_families(), *extras.measures])
    yield from _items("association-types", [_association_type(*each) for each in _ASSOCIATIONS])
    yield from _items("attribute-groups", _attribute_groups(specs))
    yield from _items("attributes", [_attribute(*pair) for pair in enumerate(specs)])
    yield from _items("categories", _categories())
    families = [_family(family.code, family.label, extras.codes) for family in FAMILIES]
    yield from _items("families", families)
    for spec in FAMILY_VARIANTS if with_variants else ():
        body = spec.body(as_object(labels_of(spec.label)))
        yield from _items("family-variants", [body], parent=spec.family)
    for attribute, options in {**OPTIONS, **extras.options}.items():
        bodies: list[JsonObject] = [
            {
                "code": code,
                "attribute": attribute,
                "sort_order": position,
                "labels": labels_of(label),
            }
            for position, (code, label) in enumerate(options)
        ]
        yield from _items("options", bodies, parent=attribute)


def _items(
    kind: str, bodies: list[JsonObject], *, parent: str | None = None
) -> Iterator[StructureItem]:
    for position, body in enumerate(bodies):
        yield StructureItem(kind, parent, str(body["code"]), body, FOUNDED + position * _HOUR)


def _locale(code: str) -> JsonObject:
    return {"code": code, "enabled": code in LOCALES}


def _currency(code: str) -> JsonObject:
    return {"code": code, "enabled": code in CURRENCIES}


def _channels() -> list[JsonObject]:
    return [
        {
            "code": "ecommerce",
            "currencies": [*CURRENCIES],
            "locales": [*LOCALES],
            "category_tree": MASTER,
            "conversion_units": [],
            "labels": labels_of(Phrase("Online shop", "Onlineshop", "Boutique en ligne")),
        },
        {
            "code": "print",
            "currencies": ["EUR"],
            "locales": [*PRINT_LOCALES],
            "category_tree": PRINT_TREE,
            "conversion_units": {"weight": "KILOGRAM"},
            "labels": labels_of(Phrase("Print catalogue", "Gedruckter Katalog", "")),
        },
    ]


def _association_type(code: str, label: Phrase, quantified: bool) -> JsonObject:  # noqa: FBT001 - a row of a table
    return {
        "code": code,
        "labels": labels_of(label),
        "is_quantified": quantified,
        "is_two_way": False,
    }


def _attribute_groups(specs: Sequence[AttributeSpec]) -> list[JsonObject]:
    return [
        {
            "code": code,
            "sort_order": position,
            "attributes": [spec.code for spec in specs if spec.group == code],
            "labels": labels_of(label),
        }
        for position, (code, label) in enumerate(_GROUPS)
    ]


def _attribute(position: int, spec: AttributeSpec) -> JsonObject:
    unset: JsonObject = dict.fromkeys(
        (
            *("max_characters", "validation_rule", "validation_regexp"),
            *("number_min", "number_max", "date_min", "date_max", "max_file_size"),
            *("minimum_input_length", "auto_option_sorting", "default_value"),
        )
    )
    body: JsonObject = {
        "code": spec.code,
        "type": spec.type,
        "group": spec.group,
        "unique": spec.type == "pim_catalog_identifier",
        "useable_as_grid_filter": spec.group == "general",
        "allowed_extensions": ["png", "jpg"] if spec.code == "image" else [],
        "metric_family": spec.metric[0] if spec.metric else None,
        "default_metric_unit": spec.metric[1] if spec.metric else None,
        "reference_data_name": spec.linked,
        "available_locales": [*spec.locales],
        "wysiwyg_enabled": True if spec.code == "description" else None,
        "decimals_allowed": spec.decimals,
        "negative_allowed": spec.negative,
        "sort_order": position,
        "localizable": spec.localizable,
        "scopable": spec.scopable,
        "labels": labels_of(spec.label),
        "group_labels": labels_of(dict(_GROUPS)[spec.group]),
        **unset,
    }
    return {**body, "table_configuration": [*spec.columns]} if spec.columns else body


def _categories() -> list[JsonObject]:
    return [
        {
            "code": each.code,
            "parent": each.parent,
            "updated": atom_time(FOUNDED + position * _HOUR),
            "labels": labels_of(each.label),
        }
        for position, each in enumerate(CATEGORIES)
    ]


def _family(code: str, label: Phrase, extra: tuple[str, ...]) -> JsonObject:
    attributes: list[JsonValue] = [*sorted((*list_family_attributes(code), *extra))]
    return {
        "code": code,
        "attributes": attributes,
        "attribute_as_label": "name",
        "attribute_as_image": "image",
        "attribute_requirements": {
            channel: [*codes] for channel, codes in list_family_requirements(code).items()
        },
        "labels": labels_of(label),
    }
