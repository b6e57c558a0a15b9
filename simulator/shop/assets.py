"""The shop's asset families: packshots, films that live elsewhere, a guide in each language.

Their assets are as many as asked for, all from the shop's seed.
"""

import random
from collections.abc import Iterator

from pim.json_types import JsonObject
from simulator.shop.records import Codes, saved, spread_code
from simulator.shop.structure import StructureItem, labels_of
from simulator.shop.things import (
    Thing,
    ThingKind,
    attribute_body,
    by_locale,
    everywhere,
    items,
    media_code,
    options_parent,
)
from simulator.shop.words import LINES, LOCALES, Phrase

PACKSHOTS = "packshots"
# The address of a family is case sensitive: this one is not found as `films`.
FILMS = "Films"
GUIDES = "user_guides"

FILM_PREFIX = "https://films.example.test/"

_FAMILIES: tuple[tuple[str, Phrase, str], ...] = (
    (PACKSHOTS, Phrase("Packshots", "Produktbilder", "Packshots"), "picture"),
    (FILMS, Phrase("Films", "Filme", ""), "film"),
    (GUIDES, Phrase("", "", ""), "guide"),
)
_TEXT: JsonObject = {
    "is_read_only": False,
    "max_characters": None,
    "is_textarea": False,
    "is_rich_text_editor": None,
    "validation_rule": None,
    "validation_regexp": None,
}
_OWN: JsonObject = {"is_read_only": False}
_LABEL = attribute_body(
    "label", "text", labels_of(Phrase("Label", "Name", "Nom")), value_per_locale=True, **_TEXT
)
_FILE: JsonObject = {**_OWN, "allowed_extensions": ["png", "jpg"], "max_file_size": "10"}

_ATTRIBUTES: dict[str, list[JsonObject]] = {
    PACKSHOTS: [
        _LABEL,
        attribute_body(
            "picture",
            "media_file",
            labels_of(Phrase("Picture", "Bild", "")),
            media_type="image",
            **_FILE,
        ),
        attribute_body(
            "alt_text",
            "text",
            labels_of(Phrase("Alternative text", "Bildbeschreibung", "")),
            value_per_locale=True,
            value_per_channel=True,
            **_TEXT,
        ),
        attribute_body(
            "view", "single_option", labels_of(Phrase("View", "Ansicht", "Vue")), **_OWN
        ),
        attribute_body("shades", "multiple_options", {}, **_OWN),
        attribute_body(
            "photographed_in",
            "number",
            labels_of(Phrase("Photographed in", "Aufgenommen", "")),
            decimals_allowed=False,
            **_OWN,
        ),
    ],
    FILMS: [
        _LABEL,
        attribute_body(
            "film",
            "media_link",
            labels_of(Phrase("Film", "Film", "Film")),
            media_type="youtube",
            prefix=FILM_PREFIX,
            suffix=None,
            **_OWN,
        ),
    ],
    GUIDES: [
        _LABEL,
        attribute_body(
            "guide",
            "media_file",
            labels_of(Phrase("Guide", "Anleitung", "Notice")),
            value_per_locale=True,
            media_type="pdf",
            is_read_only=False,
            allowed_extensions=["pdf"],
            max_file_size=None,
        ),
    ],
}
VIEWS = (("front", "Front"), ("back", "Back"), ("detail", "Detail"))
SHADES = (("warm", "Warm"), ("cold", "Cold"), ("007", ""))

_FILMS_SHARE = 0.2
_GUIDES_SHARE = 0.2
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_"


def asset_structure() -> Iterator[StructureItem]:
    """The families, the attributes of their assets, and the options of those."""
    kind = ThingKind.ASSET
    bodies: list[JsonObject] = [
        {
            "code": code,
            "labels": labels_of(label) or {},
            "attribute_as_main_media": media,
            "naming_convention": {},
            "product_link_rules": [],
            "transformations": [],
            "sharing_enabled": code == PACKSHOTS,
        }
        for code, label, media in _FAMILIES
    ]
    yield from items(kind.families, bodies)
    for family, attributes in _ATTRIBUTES.items():
        yield from items(kind.attributes, attributes, family)
    for attribute, options in (("view", VIEWS), ("shades", SHADES)):
        choices: list[JsonObject] = [
            {"code": code, "labels": {"en_US": label} if label else {}} for code, label in options
        ]
        yield from items(kind.options, choices, options_parent(PACKSHOTS, attribute))


def asset_codes(count: int) -> dict[str, list[str]]:
    """The codes of `count` assets, by family."""
    films, guides = round(count * _FILMS_SHARE), round(count * _GUIDES_SHARE)
    pictures = max(count - films - guides, 0)
    return {
        PACKSHOTS: [spread_code("packshot", number) for number in range(pictures)],
        FILMS: [spread_code("film", number) for number in range(films)],
        GUIDES: [spread_code("guide", number) for number in range(guides)],
    }


def make_assets(seed: int, codes: Codes) -> list[Thing]:
    """The assets of these codes."""
    rng = random.Random(f"{seed}:assets")
    pictures = [_packshot(rng, code) for code in codes[PACKSHOTS]]
    films = [_film(rng, code) for code in codes[FILMS]]
    return pictures + films + [_guide(rng, code) for code in codes[GUIDES]]


def _packshot(rng: random.Random, code: str) -> Thing:
    name = rng.choice(LINES)
    values = {
        "label": by_locale([name, name, None] if rng.random() < 0.8 else []),  # noqa: PLR2004 - most
        "picture": everywhere(media_code(rng.getrandbits(160), f"{code}.png")),
        "alt_text": by_locale([f"{name} from the side", f"{name} von der Seite"], "ecommerce"),
        "view": everywhere(rng.choice(VIEWS)[0]),
        "shades": everywhere([*sorted({rng.choice(SHADES)[0] for _ in range(2)})]),
        "photographed_in": everywhere(str(rng.randint(2015, 2025))),
    }
    return saved(rng, ThingKind.ASSET, PACKSHOTS, code, values)


def _film(rng: random.Random, code: str) -> Thing:
    values = {
        "label": by_locale([f"{rng.choice(LINES)}, the film"]),
        "film": everywhere("".join(rng.choice(_LETTERS) for _ in range(11))),
    }
    return saved(rng, ThingKind.ASSET, FILMS, code, values)


def _guide(rng: random.Random, code: str) -> Thing:
    files = [
        media_code(rng.getrandbits(160), f"{code}_{locale}.pdf")
        for locale in LOCALES[: rng.randint(1, 3)]
    ]
    values = {"label": by_locale([f"Guide {code}"]), "guide": by_locale(files)}
    return saved(rng, ThingKind.ASSET, GUIDES, code, values)
