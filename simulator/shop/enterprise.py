"""Attributes whose values name records and assets, as only an Enterprise PIM has them."""

import random
from collections.abc import Sequence

from pim.json_types import JsonValue
from simulator.shop.asset_families import FILMS, GUIDES, PACKSHOTS
from simulator.shop.attributes import AttributeSpec
from simulator.shop.entities import DESIGNER, WORKSHOP
from simulator.shop.extras import ExtraMaker, Extras
from simulator.shop.pools import Pools
from simulator.shop.product import scoped
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
