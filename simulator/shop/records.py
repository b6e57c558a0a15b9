"""The shop's reference entities: who designed a thing, and where it was made.

Their records are as many as asked for, all from the shop's seed.
"""

import random
from collections.abc import Iterator, Mapping, Sequence

from pim.json_types import JsonObject
from simulator.shop.structure import StructureItem, labels_of
from simulator.shop.things import (
    Thing,
    ThingKind,
    ThingValues,
    attribute_body,
    by_locale,
    everywhere,
    items,
    media_code,
    options_parent,
)
from simulator.shop.words import LINES, Phrase

DESIGNER = "designer"
# The address of an entity is case sensitive: this one is not found as `workshop`.
WORKSHOP = "Workshop"

_ENTITIES: tuple[tuple[str, Phrase, str | None], ...] = (
    (
        DESIGNER,
        Phrase("Designers", "Gestalter", "Créateurs"),
        media_code(0xD351 << 140, "designers.png"),
    ),
    (WORKSHOP, Phrase("Workshops", "", ""), None),
)


# Text attributes say more of themselves than others do.
_PLAIN_TEXT: JsonObject = {
    "max_characters": None,
    "is_textarea": False,
    "is_rich_text_editor": None,
    "validation_rule": None,
    "validation_regexp": None,
}
_LONG_TEXT: JsonObject = {**_PLAIN_TEXT, "is_textarea": True, "is_rich_text_editor": True}
_PICTURE: JsonObject = {"allowed_extensions": ["png", "jpg"], "max_file_size": "10"}

LABEL = attribute_body(
    "label", "text", labels_of(Phrase("Label", "Name", "Nom")), value_per_locale=True, **_PLAIN_TEXT
)
IMAGE = attribute_body("image", "image", labels_of(Phrase("Image", "Bild", "Image")), **_PICTURE)

_ATTRIBUTES: dict[str, list[JsonObject]] = {
    DESIGNER: [
        LABEL,
        IMAGE,
        attribute_body(
            "biography",
            "text",
            labels_of(Phrase("Biography", "Lebenslauf", "")),
            value_per_locale=True,
            **_LONG_TEXT,
        ),
        attribute_body(
            "born",
            "number",
            labels_of(Phrase("Born in", "Geboren", "Naissance")),
            decimals_allowed=False,
            min_value="1850",
            max_value=None,
        ),
        attribute_body("country", "single_option", labels_of(Phrase("Country", "Land", "Pays"))),
        attribute_body("crafts", "multiple_options", {}),
        attribute_body(
            "workshop",
            "reference_entity_single_link",
            labels_of(Phrase("Workshop", "Werkstatt", "Atelier")),
            reference_entity_code=WORKSHOP,
        ),
        attribute_body(
            "works_with",
            "reference_entity_multiple_links",
            labels_of(Phrase("Works with", "Arbeitet mit", "Travaille avec")),
            reference_entity_code=DESIGNER,
        ),
    ],
    WORKSHOP: [
        LABEL,
        IMAGE,
        attribute_body(
            "story",
            "text",
            labels_of(Phrase("Story", "Geschichte", "Histoire")),
            value_per_locale=True,
            value_per_channel=True,
            **_LONG_TEXT,
        ),
        attribute_body(
            "floor_space",
            "number",
            labels_of(Phrase("Floor space (m²)", "Fläche (m²)", "Surface (m²)")),
            decimals_allowed=True,
            min_value=None,
            max_value=None,
        ),
    ],
}

COUNTRIES = (("PT", "Portugal"), ("DE", "Germany"), ("FR", "France"), ("SE", "Sweden"))
CRAFTS = (("wood", "Wood"), ("steel", "Steel"), ("textile", "Textile"), ("01", ""))

_FIRST_SAVED = 1_640_995_200  # 2022-01-01
_SAVED_SPAN = 60_000_000
_WORKSHOPS_SHARE = 0.25
_FIRST_NAMES = ("Ada", "Bruno", "Clara", "Dag", "Elin", "Femke", "Gaspard", "Hedda", "Ivo", "Jana")

Codes = Mapping[str, Sequence[str]]
"""Codes of records by entity, or of assets by family."""


def entity_structure() -> Iterator[StructureItem]:
    """The entities, the attributes of their records, and the options of those."""
    kind = ThingKind.RECORD
    bodies: list[JsonObject] = [
        # Of these the PIM takes care that an empty map stays a map.
        {"code": code, "labels": labels_of(label) or {}, "image": image}
        for code, label, image in _ENTITIES
    ]
    yield from items(kind.families, bodies)
    for entity, attributes in _ATTRIBUTES.items():
        yield from items(kind.attributes, attributes, entity)
    for attribute, options in (("country", COUNTRIES), ("crafts", CRAFTS)):
        choices: list[JsonObject] = [
            {"code": code, "labels": {"en_US": label} if label else {}} for code, label in options
        ]
        yield from items(kind.options, choices, options_parent(DESIGNER, attribute))


def record_codes(count: int) -> dict[str, list[str]]:
    """The codes of `count` records: words, digits with leading zeros, and some in mixed case."""
    workshops = round(count * _WORKSHOPS_SHARE)
    return {
        DESIGNER: [spread_code(DESIGNER, number) for number in range(count - workshops)],
        WORKSHOP: [spread_code("workshop", number) for number in range(workshops)],
    }


def spread_code(prefix: str, number: int) -> str:
    """A code that no other number has, whatever its case."""
    if number % 7 == 3:  # noqa: PLR2004 - now and then
        return f"{number:06d}"
    return f"{prefix.capitalize() if number % 5 == 1 else prefix}_{number}"


def make_records(seed: int, codes: Codes) -> list[Thing]:
    """The records of these codes."""
    rng = random.Random(f"{seed}:records")
    designers = [_designer(rng, code, codes) for code in codes[DESIGNER]]
    return designers + [_workshop(rng, code) for code in codes[WORKSHOP]]


def saved(
    rng: random.Random, kind: ThingKind, family: str, code: str, values: ThingValues
) -> Thing:
    """A thing with instants of its own."""
    created = _FIRST_SAVED + int(rng.random() * _SAVED_SPAN)
    updated = created + int(rng.random() * _SAVED_SPAN)
    kept = {name: entries for name, entries in values.items() if entries}
    return Thing(kind, family, code, kept, created, updated)


def biography(rng: random.Random, name: str) -> list[JsonObject]:
    """A sentence or two, in one to three locales."""
    line = rng.choice(LINES)
    texts = (
        f"<p>{name} drew the {line} line.</p>",
        f"<p>{name} hat die Reihe {line} gezeichnet.</p>",
        f"<p>{name} a dessiné la ligne {line}.</p>",
    )
    return by_locale(texts[: rng.randint(1, 3)])


def _designer(rng: random.Random, code: str, codes: Codes) -> Thing:
    name = f"{rng.choice(_FIRST_NAMES)} {rng.choice(LINES)}"
    workshops, others = codes[WORKSHOP], codes[DESIGNER]
    crafts = sorted({rng.choice(CRAFTS)[0] for _ in range(2)})
    values = {
        # A name is the same everywhere, and yet it is missing where nobody has typed it in.
        "label": by_locale([name] * rng.randint(0, 3)),
        "image": everywhere(media_code(rng.getrandbits(160), "portrait.png")),
        "biography": biography(rng, name),
        "born": everywhere(str(rng.randint(1890, 1999))),
        "country": everywhere(rng.choice(COUNTRIES)[0]),
        "crafts": everywhere([*crafts]),
        "workshop": everywhere(rng.choice(workshops)) if workshops else [],
        "works_with": everywhere([rng.choice(others)]) if rng.random() < 0.3 else [],  # noqa: PLR2004 - now and then
    }
    return saved(rng, ThingKind.RECORD, DESIGNER, code, values)


def _workshop(rng: random.Random, code: str) -> Thing:
    name = f"{rng.choice(LINES)} works"
    values = {
        "label": by_locale([name, f"Werkstatt {name}", None]),
        "story": [
            *by_locale([f"<p>Founded by hand: {name}.</p>", f"<p>{name}</p>"], "ecommerce"),
            *by_locale([f"{name}."], "print"),
        ],
        "floor_space": everywhere(f"{rng.randint(20, 900)}.{rng.randint(0, 99):02d}00"),
    }
    return saved(rng, ThingKind.RECORD, WORKSHOP, code, values)
