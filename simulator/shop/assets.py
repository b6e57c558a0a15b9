"""Assets of the families, as many as asked for, all from the shop's seed."""

import random

from simulator.shop.asset_families import FILMS, GUIDES, PACKSHOTS, SHADES, VIEWS
from simulator.shop.records import Codes, saved, spread_code
from simulator.shop.things import Thing, ThingKind, by_locale, everywhere, media_code
from simulator.shop.words import LINES, LOCALES

_FILMS_SHARE = 0.2
_GUIDES_SHARE = 0.2
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_"


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
