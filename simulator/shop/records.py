"""Records of the reference entities, as many as asked for, all from the shop's seed."""

import random
from collections.abc import Mapping, Sequence

from pim.json_types import JsonObject
from simulator.shop.entities import COUNTRIES, CRAFTS, DESIGNER, WORKSHOP
from simulator.shop.things import (
    Thing,
    ThingKind,
    ThingValues,
    by_locale,
    everywhere,
    media_code,
)
from simulator.shop.words import LINES

_FIRST_SAVED = 1_640_995_200  # 2022-01-01
_SAVED_SPAN = 60_000_000
_WORKSHOPS_SHARE = 0.25
_FIRST_NAMES = ("Ada", "Bruno", "Clara", "Dag", "Elin", "Femke", "Gaspard", "Hedda", "Ivo", "Jana")

Codes = Mapping[str, Sequence[str]]
"""Codes of records by entity, or of assets by family."""


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
