"""Names and descriptions, put together from the shop's words in each locale."""

import random
from typing import NamedTuple

from pim.json_types import JsonObject
from simulator.shop.words import (
    BRANDS,
    CLOSINGS,
    INTROS,
    LINES,
    LOCALES,
    PRINT_LOCALES,
    SUFFIXES,
    FamilyWords,
    Phrase,
)

# A translation is the first thing that is missing in a real shop.
_WITHOUT_FRENCH = 0.12
_WITHOUT_PRINT_TEXT = 0.3


class ProductWords(NamedTuple):
    """What one product is called, and the sentences chosen for it."""

    brand: str
    names: tuple[str, ...]
    noun: Phrase
    use: Phrase
    intro: Phrase
    features: tuple[Phrase, ...]
    closing: Phrase
    locales: int


def choose_words(rng: random.Random, family: FamilyWords) -> ProductWords:
    """Draw a name and sentences; `locales` says how many of `LOCALES` are translated."""
    brand, brand_name = BRANDS[int(rng.random() * len(BRANDS))]
    noun = family.nouns[int(rng.random() * len(family.nouns))]
    first = int(rng.random() * len(family.features))
    names = product_names(rng, noun)
    intro = INTROS[int(rng.random() * len(INTROS))]
    return ProductWords(
        brand=brand,
        names=names,
        noun=noun,
        use=family.use,
        intro=Phrase(*(text.replace("{brand}", brand_name) for text in intro)),
        features=(family.features[first], family.features[first - 1]),
        closing=CLOSINGS[int(rng.random() * len(CLOSINGS))],
        locales=2 if rng.random() < _WITHOUT_FRENCH else 3,
    )


def product_names(rng: random.Random, noun: Phrase) -> tuple[str, ...]:
    """A new name in each locale: the line first in English, the noun first elsewhere."""
    line = LINES[int(rng.random() * len(LINES))]
    suffix = SUFFIXES[int(rng.random() * len(SUFFIXES))]
    title = f"{line} {suffix}".rstrip()
    return (f"{title} {noun.en}", f"{noun.de} {title}", f"{noun.fr} {title}")


def localized(texts: tuple[str, ...], count: int = len(LOCALES)) -> list[JsonObject]:
    """Values of a localizable attribute, one for each of the first `count` locales."""
    pairs = zip(LOCALES[:count], texts[:count], strict=True)
    return [{"data": text, "locale": locale, "scope": None} for locale, text in pairs]


def short_descriptions(words: ProductWords) -> list[JsonObject]:
    """One sentence a locale."""
    return localized(words.features[0], words.locales)


def descriptions(rng: random.Random, words: ProductWords) -> list[JsonObject]:
    """Texts by locale and channel: HTML for the shop, a plain line or two for print."""
    found: list[JsonObject] = []
    for position, locale in enumerate(LOCALES[: words.locales]):
        html = _web_text(words, position)
        found.append({"data": html, "locale": locale, "scope": "ecommerce"})
    if rng.random() >= _WITHOUT_PRINT_TEXT:
        for position, locale in enumerate(PRINT_LOCALES):
            text = f"{words.features[0][position]} {words.closing[position]}"
            found.append({"data": text, "locale": locale, "scope": "print"})
    return found


def _web_text(words: ProductWords, position: int) -> str:
    intro = words.intro[position].format(name=words.names[position], use=words.use[position])
    points = "".join(f"<li>{feature[position]}</li>" for feature in words.features)
    return f"<p>{intro}</p>\n<ul>{points}</ul>\n<p>{words.closing[position]}</p>"
