"""What is shown of a document in one language; a missing text falls back to another language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from examples.shop.feed import Json

CHANNEL = "ecommerce"
LOCALES = ("en_US", "de_DE", "fr_FR")
_HIDDEN = frozenset({"sku", "name", "description", "short_description", "price", "image"})
_DATE = re.compile(r"\d{4}-\d\d-\d\dT00:00:00.*")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a product's table."""

    label: str
    text: str


def name_of(document: Json, locale: str) -> str:
    """The name, or the identifier, or the key."""
    return text_of(document, "name", locale) or document.get("identifier") or document["key"]


def text_of(document: Json, attribute: str, locale: str) -> str:
    """An attribute's text in this locale or another one; "" where there is none."""
    values = document.get("attributes", {}).get(attribute, {}).get("values", [])
    data = _best(values, locale).get("data")
    return data if isinstance(data, str) else ""


def prose_of(document: Json, attribute: str, locale: str) -> str:
    """A long text as `text_of` gives it, without its markup."""
    return unescape(_TAG.sub(" ", text_of(document, attribute, locale))).strip()


def label_of(labels: Json | None, code: str, locale: str) -> str:
    """A label in this locale, else in another one, else the code."""
    known = labels or {}
    return known.get(locale) or next((known[each] for each in LOCALES if known.get(each)), code)


def price_of(document: Json, locale: str) -> str:
    """The price in euros, or in whatever currency there is."""
    values = document.get("attributes", {}).get("price", {}).get("values", [])
    prices = _best(values, locale).get("data") or []
    price = next((each for each in prices if each.get("currency") == "EUR"), None)
    price = price or next(iter(prices), None)
    return f"{price['amount']} {price['currency']}" if price else ""


def trail_of(document: Json, locale: str) -> list[str]:
    """The way from the shop's root down to the product's first category."""
    category = next(iter(document.get("categories", [])), None)
    if category is None:
        return []
    way = [*category.get("ancestors", []), category]
    return [label_of(each.get("labels"), each["code"], locale) for each in way]


def completeness_of(document: Json, locale: str) -> int | None:
    """Percent of the required values of the shop's channel; None where nobody told."""
    told = document.get("completenesses") or []
    found = [each["data"] for each in told if (each["scope"], each["locale"]) == (CHANNEL, locale)]
    return found[0] if found else None


def rows_of(document: Json, locale: str) -> list[Row]:
    """The other attributes, as label and text."""
    rows = []
    for code, attribute in document.get("attributes", {}).items():
        text = _shown(_best(attribute["values"], locale), locale)
        if code not in _HIDDEN and text:
            rows.append(Row(label_of(attribute.get("labels"), code, locale), text))
    return rows


def search_text(document: Json) -> str:
    """All words by which the product is found, in all languages, casefolded."""
    parts = [document["key"], document.get("identifier") or ""]
    for locale in LOCALES:
        family = document.get("family") or {"code": ""}
        parts += [name_of(document, locale), label_of(family.get("labels"), family["code"], locale)]
        parts += trail_of(document, locale)
    return " ".join(parts).casefold()


def _best(values: list[Json], locale: str) -> Json:
    """The value of this locale and the shop's channel, or the nearest to it."""

    def rank(value: Json) -> tuple[bool, bool, int]:
        language = value.get("locale")
        is_other = language not in {None, locale}
        place = LOCALES.index(language) if language in LOCALES else len(LOCALES)
        return is_other, value.get("scope") not in {None, CHANNEL}, place

    return min(values, key=rank, default={})


def _shown(value: Json, locale: str) -> str:
    data = value.get("data")
    if "url" in value:
        file = str(data).rpartition("/")[2]
        return file.partition("_")[2] or file
    if isinstance(data, list):
        return ", ".join(_codes(data, value, locale))
    if isinstance(data, dict):
        unit = label_of(value.get("labels"), str(data.get("unit", "")), locale)
        return f"{data.get('amount', '')} {unit}".strip()
    if isinstance(data, bool):
        return "✓" if data else "✗"
    text = "" if data is None else str(data)
    beside = value.get("labels") or (value.get("record") or {}).get("labels")
    return text[:10] if _DATE.fullmatch(text) else label_of(beside, text, locale)


def _codes(data: list[Any], value: Json, locale: str) -> Iterator[str]:
    """Options, records and assets by their labels; prices with their currency."""
    labels = value.get("labels") or {}
    things = value.get("record") or value.get("asset") or {}
    for each in data:
        if isinstance(each, str):
            yield label_of(labels.get(each) or things.get(each, {}).get("labels"), each, locale)
        elif "currency" in each:
            yield f"{each.get('amount')} {each['currency']}"
