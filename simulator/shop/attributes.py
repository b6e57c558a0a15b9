"""The shop's attributes: one of nearly every type that a Community PIM knows.

Those beyond the Community shop come as `Extras`: what they are, and how their values are made.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from pim.json_types import JsonObject
from simulator.shop.options import Options
from simulator.shop.product import Product, Values
from simulator.shop.words import Phrase

IDENTIFIER = "sku"

ExtraMaker: TypeAlias = Callable[[random.Random], list[JsonObject]]


# Most products have a good part of these attributes filled in, and few all of them.
_LEFT_EMPTY = 0.45


class AttributeSpec(NamedTuple):
    """What the PIM says of an attribute; `decimals` decides whether numbers come as strings.

    `locales`: the only ones it has values in; empty: any. `linked`: the reference entity, the asset
    family or the reference data that its values name. `columns` of a table, with their options.
    """

    code: str
    type: str
    group: str
    label: Phrase
    localizable: bool = False
    scopable: bool = False
    decimals: bool | None = None
    negative: bool | None = None
    metric: tuple[str, str] | None = None
    locales: tuple[str, ...] = ()
    linked: str | None = None
    columns: tuple[JsonObject, ...] = ()


_TEXT = "pim_catalog_text"
_AREA = "pim_catalog_textarea"
_SELECT = "pim_catalog_simpleselect"
_MULTI = "pim_catalog_multiselect"
_NUMBER = "pim_catalog_number"
_METRIC = "pim_catalog_metric"
_BOOL = "pim_catalog_boolean"
_PRICE = "pim_catalog_price_collection"


def _number(
    code: str,
    label: Phrase,
    *,
    group: str = "technical",
    decimals: bool = False,
    negative: bool = False,
    scopable: bool = False,
) -> AttributeSpec:
    return AttributeSpec(
        code, _NUMBER, group, label, scopable=scopable, decimals=decimals, negative=negative
    )


def _metric(
    code: str, label: Phrase, measured: tuple[str, str], *, decimals: bool
) -> AttributeSpec:
    return AttributeSpec(
        code, _METRIC, "technical", label, decimals=decimals, negative=False, metric=measured
    )


def _bool(code: str, label: Phrase) -> AttributeSpec:
    return AttributeSpec(code, _BOOL, "technical", label)


def _select(code: str, group: str, label: Phrase, *, multi: bool = False) -> AttributeSpec:
    return AttributeSpec(code, _MULTI if multi else _SELECT, group, label)


SPECS: tuple[AttributeSpec, ...] = (
    AttributeSpec(
        IDENTIFIER, "pim_catalog_identifier", "general", Phrase("SKU", "Artikelnummer", "UGS")
    ),
    AttributeSpec("name", _TEXT, "general", Phrase("Name", "Name", "Nom"), localizable=True),
    AttributeSpec(
        "description",
        _AREA,
        "marketing",
        Phrase("Description", "Beschreibung", "Description"),
        localizable=True,
        scopable=True,
    ),
    AttributeSpec(
        "short_description",
        _TEXT,
        "marketing",
        Phrase("Short description", "Kurzbeschreibung", "Description courte"),
        localizable=True,
    ),
    AttributeSpec("ean", _TEXT, "general", Phrase("EAN", "EAN", "EAN")),
    AttributeSpec(
        "price", _PRICE, "commerce", Phrase("Price", "Preis", "Prix"), decimals=True, negative=False
    ),
    AttributeSpec(
        "release_date",
        "pim_catalog_date",
        "commerce",
        Phrase("On sale since", "Im Verkauf seit", "En vente depuis"),
    ),
    AttributeSpec("image", "pim_catalog_image", "media", Phrase("Image", "Bild", "Image")),
    AttributeSpec(
        "manual",
        "pim_catalog_file",
        "media",
        Phrase("Manual", "Anleitung", "Notice"),
        localizable=True,
    ),
    _select("brand", "general", Phrase("Brand", "Marke", "Marque")),
    _select("color", "appearance", Phrase("Color", "Farbe", "Couleur")),
    _select("size", "appearance", Phrase("Size", "Größe", "Taille")),
    _select("material", "appearance", Phrase("Material", "Material", "Matière"), multi=True),
    _select("care", "appearance", Phrase("Care", "Pflege", "Entretien"), multi=True),
    _select("gender", "appearance", Phrase("Made for", "Für", "Pour")),
    _select("season", "technical", Phrase("Season", "Jahreszeit", "Saison")),
    _select("energy_class", "technical", Phrase("Energy class", "Energieklasse", "")),
    _select("tags", "marketing", Phrase("Tags", "Schlagworte", "Étiquettes"), multi=True),
    _select("country_of_origin", "commerce", Phrase("Made in", "Hergestellt in", "Fabriqué en")),
    _metric("weight", Phrase("Weight", "Gewicht", "Poids"), ("Weight", "KILOGRAM"), decimals=True),
    _metric(
        "packed_volume",
        Phrase("Packed volume", "Packvolumen", "Volume plié"),
        ("Volume", "LITER"),
        decimals=True,
    ),
    _metric(
        "capacity", Phrase("Capacity", "Volumen", "Contenance"), ("Volume", "LITER"), decimals=True
    ),
    _metric(
        "height", Phrase("Height", "Höhe", "Hauteur"), ("Length", "CENTIMETER"), decimals=False
    ),
    _metric(
        "width", Phrase("Width", "Breite", "Largeur"), ("Length", "CENTIMETER"), decimals=False
    ),
    _metric(
        "depth", Phrase("Depth", "Tiefe", "Profondeur"), ("Length", "CENTIMETER"), decimals=False
    ),
    _metric("power", Phrase("Power", "Leistung", "Puissance"), ("Power", "WATT"), decimals=True),
    _metric(
        "burn_time",
        Phrase("Burn time", "Leuchtdauer", "Autonomie"),
        ("Duration", "HOUR"),
        decimals=False,
    ),
    _number("persons", Phrase("Persons", "Personen", "Personnes")),
    _number("water_column", Phrase("Water column (mm)", "Wassersäule (mm)", "Colonne d'eau (mm)")),
    _number("fill_power", Phrase("Fill power (cuin)", "Bauschkraft (cuin)", "")),
    _number("luminous_flux", Phrase("Luminous flux (lm)", "Lichtstrom (lm)", "Flux (lm)")),
    _number(
        "comfort_temperature",
        Phrase("Comfort temperature (°C)", "Komforttemperatur (°C)", "Température de confort (°C)"),
        decimals=True,
        negative=True,
    ),
    _number("recycled_share", Phrase("Recycled share (%)", "Recyclinganteil (%)", "")),
    _number("warranty_years", Phrase("Warranty (years)", "Garantie (Jahre)", "Garantie (ans)")),
    _number(
        "catalogue_page",
        Phrase("Catalogue page", "Katalogseite", "Page du catalogue"),
        group="marketing",
        scopable=True,
    ),
    _bool("waterproof", Phrase("Waterproof", "Wasserdicht", "Imperméable")),
    _bool("vegan", Phrase("Vegan", "Vegan", "Végan")),
    _bool("dimmable", Phrase("Dimmable", "Dimmbar", "Variable")),
    _bool("assembly_required", Phrase("Assembly required", "Aufbau nötig", "Montage requis")),
)

SPEC_BY_CODE: dict[str, AttributeSpec] = {spec.code: spec for spec in SPECS}


# What every family has; its own attributes come on top.
COMMON: tuple[str, ...] = (
    *(IDENTIFIER, "name", "description", "short_description", "brand", "ean", "price", "material"),
    *("weight", "image", "release_date", "warranty_years", "country_of_origin", "tags"),
    *("catalogue_page", "manual"),
)


@dataclass(frozen=True, slots=True)
class Extras:
    """Attributes of every family, with the options and units of measure that they bring along."""

    specs: tuple[AttributeSpec, ...] = ()
    options: Mapping[str, Options] = field(default_factory=dict)
    makers: Mapping[str, ExtraMaker] = field(default_factory=dict)
    measures: tuple[JsonObject, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the attributes."""
        return tuple(spec.code for spec in self.specs)

    def values(self, seed: int, product: Product) -> Values:
        """What a product was made with: a function of seed and number; nothing without a family."""
        if product.family is None:
            return {}
        return self.drawn(random.Random(f"{seed}:{product.number}:extras"))

    def drawn(self, rng: random.Random) -> Values:
        """Values of a good part of the attributes."""
        filled = {
            code: make(rng) for code, make in self.makers.items() if rng.random() >= _LEFT_EMPTY
        }
        return {code: entries for code, entries in filled.items() if entries}

    def joined(self, other: "Extras") -> "Extras":
        """These and others."""
        return Extras(
            specs=(*self.specs, *other.specs),
            options={**self.options, **other.options},
            makers={**self.makers, **other.makers},
            measures=(*self.measures, *other.measures),
        )


NO_EXTRAS = Extras()
