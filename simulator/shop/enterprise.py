"""Attributes of an Enterprise PIM alone: links to records, assets and products, and tables."""

import random
from collections.abc import Sequence

from pim.json_types import JsonObject, JsonValue
from simulator.shop.assets import FILMS, GUIDES, PACKSHOTS
from simulator.shop.attributes import AttributeSpec, ExtraMaker, Extras
from simulator.shop.product import scoped
from simulator.shop.records import DESIGNER, WORKSHOP
from simulator.shop.structure import labels_of
from simulator.shop.things import Pools
from simulator.shop.words import LOCALES, Phrase

ONE_RECORD = "akeneo_reference_entity"
MANY_RECORDS = "akeneo_reference_entity_collection"
ASSETS = "pim_catalog_asset_collection"

SPECS: tuple[AttributeSpec, ...] = (
    AttributeSpec(
        "designed_by",
        ONE_RECORD,
        "general",
        Phrase("Designed by", "Entworfen von", "Dessiné par"),
        linked=DESIGNER,
    ),
    AttributeSpec(
        "made_in_workshops",
        MANY_RECORDS,
        "technical",
        Phrase("Made in", "Gefertigt in", ""),
        linked=WORKSHOP,
    ),
    AttributeSpec(
        "ambassador",
        ONE_RECORD,
        "marketing",
        Phrase("Ambassador", "Botschafter", "Ambassadeur"),
        localizable=True,
        scopable=True,
        linked=DESIGNER,
    ),
    AttributeSpec(
        "gallery", ASSETS, "media", Phrase("Gallery", "Galerie", "Galerie"), linked=PACKSHOTS
    ),
    AttributeSpec(
        "films", ASSETS, "media", Phrase("Films", "Filme", ""), scopable=True, linked=FILMS
    ),
    AttributeSpec(
        "guides",
        ASSETS,
        "media",
        Phrase("Guides", "Anleitungen", "Notices"),
        localizable=True,
        linked=GUIDES,
    ),
)

TABLE = "pim_catalog_table"
PRODUCT_LINK = "pim_catalog_product_link"

_MATERIALS = (
    ("cotton", Phrase("Cotton", "Baumwolle", "Coton")),
    ("Elastane", Phrase("Elastane", "", "")),
    ("007", Phrase("", "", "")),
)
_SIZES = (("S", Phrase("S", "S", "S")), ("M", Phrase("", "", "")), ("L", Phrase("L", "", "")))


def enterprise_extras(pools: Pools) -> Extras:
    """The attributes, with values out of these pools."""
    designers, workshops = pools.records[DESIGNER], pools.records[WORKSHOP]
    makers: dict[str, ExtraMaker] = {
        "designed_by": lambda rng: scoped(_one(rng, designers)),
        "made_in_workshops": lambda rng: scoped(_some(rng, workshops)),
        "ambassador": lambda rng: scoped(_one(rng, designers), _locale(rng), "ecommerce"),
        "gallery": lambda rng: scoped(_some(rng, pools.assets[PACKSHOTS])),
        "films": lambda rng: scoped(_some(rng, pools.assets[FILMS]), None, "ecommerce"),
        "guides": lambda rng: scoped(_some(rng, pools.assets[GUIDES]), _locale(rng)),
    }
    return Extras(specs=SPECS, makers=makers)


def _locale(rng: random.Random) -> str:
    return rng.choice(LOCALES)


def _one(rng: random.Random, codes: Sequence[str]) -> str | None:
    return rng.choice(codes) if codes else None


def _some(rng: random.Random, codes: Sequence[str]) -> list[JsonValue]:
    # In the order of choosing: the first picture of a gallery is the one that is shown.
    return list(dict.fromkeys(rng.choice(codes) for _ in range(rng.randint(1, 3)))) if codes else []


def table_extras(pools: Pools, *, saas: bool, legacy: bool) -> Extras:
    """Two tables; columns that name records came with version 7, links with the cloud."""
    makers: dict[str, ExtraMaker] = {
        "composition": lambda rng: scoped(
            _composition(rng, [] if legacy else pools.records[WORKSHOP])
        ),
        "size_chart": _size_chart,
    }
    specs = [_composition_spec(legacy=legacy), _SIZE_CHART]
    if saas:
        specs.append(_REPLACED_BY)
        makers["replaced_by"] = lambda rng: scoped(_link(rng, pools.products))
    return Extras(specs=tuple(specs), makers=makers)


def _column(code: str, kind: str, label: Phrase, **more: JsonValue) -> JsonObject:
    return {
        "code": code,
        "data_type": kind,
        "labels": labels_of(label),
        "validations": [],
        "is_required_for_completeness": False,
        **more,
    }


def _options(options: Sequence[tuple[str, Phrase]]) -> list[JsonValue]:
    return [{"code": code, "labels": labels_of(label)} for code, label in options]


def _composition_spec(*, legacy: bool) -> AttributeSpec:
    columns = [
        _column(
            "material",
            "select",
            Phrase("Material", "Material", "Matière"),
            is_required_for_completeness=True,
            options=_options(_MATERIALS),
        ),
        _column(
            "share",
            "number",
            Phrase("Share (%)", "Anteil (%)", ""),
            validations={"min": "0", "max": "100", "decimals_allowed": True},
        ),
        _column("origin", "text", Phrase("Origin", "Herkunft", "Origine")),
        _column("recycled", "boolean", Phrase("", "", "")),
    ]
    if not legacy:
        label = Phrase("Woven at", "Gewebt bei", "")
        columns.append(
            _column("workshop", "reference_entity", label, reference_entity_identifier=WORKSHOP)
        )
    return AttributeSpec(
        "composition",
        TABLE,
        "technical",
        Phrase("Composition", "Zusammensetzung", "Composition"),
        columns=tuple(columns),
    )


_SIZE_CHART = AttributeSpec(
    "size_chart",
    TABLE,
    "appearance",
    Phrase("Size chart", "Größentabelle", ""),
    localizable=True,
    scopable=True,
    columns=(
        _column(
            "size",
            "select",
            Phrase("Size", "Größe", "Taille"),
            is_required_for_completeness=True,
            options=_options(_SIZES),
        ),
        _column("chest", "number", Phrase("Chest (cm)", "Brust (cm)", "Poitrine (cm)")),
    ),
)
_REPLACED_BY = AttributeSpec(
    "replaced_by", PRODUCT_LINK, "commerce", Phrase("Replaced by", "Nachfolger", "")
)


def _composition(rng: random.Random, workshops: Sequence[str]) -> list[JsonValue]:
    rows: list[JsonValue] = []
    for material in rng.sample(_MATERIALS, rng.randint(1, len(_MATERIALS))):
        row: JsonObject = {"material": material[0], "share": f"{rng.randint(1, 99)}.50"}
        # A cell that is empty is a key that is not there.
        if rng.random() < 0.5:  # noqa: PLR2004 - a coin
            row["origin"] = rng.choice(("Portugal", "Türkiye", "0"))
        if rng.random() < 0.5:  # noqa: PLR2004 - a coin
            row["recycled"] = rng.random() < 0.5  # noqa: PLR2004 - a coin
        if workshops:
            row["workshop"] = rng.choice(workshops)
        rows.append(row)
    return rows


def _size_chart(rng: random.Random) -> list[JsonObject]:
    rows: list[JsonValue] = [
        {"size": code, "chest": str(rng.randint(80, 120))} for code, _label in _SIZES
    ]
    return scoped(rows, rng.choice(LOCALES), "ecommerce")


def _link(rng: random.Random, uuids: Sequence[str]) -> JsonValue:
    return {"type": "product", "id": rng.choice(uuids)} if uuids else None
