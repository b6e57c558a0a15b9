"""The pages as HTML: a list with a search, and one product. Every text of the store is escaped."""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode

from examples.shop.names import (
    completeness_of,
    label_of,
    name_of,
    price_of,
    prose_of,
    rows_of,
    trail_of,
)
from examples.shop.shelf import Place, Product
from examples.shop.words import LANGUAGES, WORDS

ON_A_PAGE = 24
_HUES = 360
_CHOSEN = ' aria-current="true"'


@dataclass(frozen=True, slots=True)
class Visit:
    """A request: its language, the path and query without it, and how the shop is."""

    language: str
    rest: str
    place: Place
    trouble: str | None

    @property
    def locale(self) -> str:
        """The locale of the store's texts."""
        return LANGUAGES[self.language]

    @property
    def words(self) -> dict[str, str]:
        """The shop's own words."""
        return WORDS[self.language]


def list_page(visit: Visit, found: list[Product], count: int, *, query: str, page: int) -> str:
    """The list: the products found, newest change first."""
    words = visit.words
    if visit.place.position is None:
        body = f'<p class="note">{words["empty"]}</p>'
    elif not found:
        body = f'<p class="note">{words["none"]}</p>'
    else:
        cards = "".join(_card(visit, each) for each in found)
        body = f'<ul class="cards">{cards}</ul>{_pager(visit, count, query, page)}'
    counted = escape(words["found"].format(count=f"{count:,}".replace(",", " ")))
    return _frame(visit, f'<p class="count">{counted}</p>{body}', title="Sample shop", query=query)


def product_page(visit: Visit, product: Product) -> str:
    """One product, with everything that the store says of it in this language."""
    document, locale, words = product.document, visit.locale, visit.words
    name = escape(name_of(document, locale))
    rows = "".join(
        f"<tr><th>{escape(row.label)}</th><td>{escape(row.text)}</td></tr>"
        for row in rows_of(document, locale)
    )
    channels = ", ".join(
        label_of(each.get("labels"), each["code"], locale) for each in document.get("channels", [])
    )
    sold = f'<p class="sold">{words["channels"]}: {escape(channels)}</p>' if channels else ""
    body = f"""
<a class="back" href="/{visit.language}">← {words["back"]}</a>
<article class="product">
  {_picture(document, name)}
  <div>
    <p class="trail">{escape(" / ".join(trail_of(document, locale)))}</p>
    <h1>{name}</h1>
    <p class="sku">{escape(document.get("identifier") or "")}</p>
    <p class="price">{escape(price_of(document, locale))}</p>
    <p>{escape(prose_of(document, "description", locale))}</p>
    {sold}{_completeness(visit, document)}
    <p class="when">{words["changed"]}: {_time(product.changed_at)}</p>
  </div>
</article>
<h2>{words["details"]}</h2>
<table>{rows}</table>"""
    return _frame(visit, body, title=name_of(document, locale))


def gone_page(visit: Visit) -> str:
    """A product that is not, or no longer, in the copy."""
    words = visit.words
    back = f'<a class="back" href="/{visit.language}">← {words["back"]}</a>'
    return _frame(visit, f'{back}<p class="note">{words["gone"]}</p>', title="404")


def _card(visit: Visit, product: Product) -> str:
    document, locale = product.document, visit.locale
    name = escape(name_of(document, locale))
    family = document.get("family") or {"code": ""}
    return f"""<li><a href="/{visit.language}/product/{quote(product.key, safe="")}">
{_picture(document, name)}
<span class="family">{escape(label_of(family.get("labels"), family["code"], locale))}</span>
<strong>{name}</strong>
<span class="foot"><span class="price">{escape(price_of(document, locale))}</span>
{_completeness(visit, document, word="")}</span>
<span class="when">{_time(product.changed_at)}</span></a></li>"""


def _picture(document: dict[str, object], name: str) -> str:
    """A drawn tile in a colour of the family: pictures of the PIM need its own login."""
    family = document.get("family")
    code = str(family["code"]) if isinstance(family, dict) else ""
    hue = sum(map(ord, code)) * 47 % _HUES
    return f'<span class="picture" style="--hue:{hue}" aria-hidden="true">{name[:1]}</span>'


def _completeness(visit: Visit, document: dict[str, object], word: str | None = None) -> str:
    percent = completeness_of(document, visit.locale)
    if percent is None:
        return ""
    said = visit.words["complete"] if word is None else word
    return (
        f'<span class="complete" title="{visit.words["complete"]}">'
        f'<meter min="0" max="100" value="{percent}"></meter> {percent} % {said}</span>'
    )


def _pager(visit: Visit, count: int, query: str, page: int) -> str:
    def link(number: int, word: str) -> str:
        asked = urlencode({"q": query, "page": number})
        return f'<a href="/{visit.language}?{asked}">{visit.words[word]}</a>'

    newer = link(page - 1, "newer") if page > 1 else ""
    older = link(page + 1, "older") if page * ON_A_PAGE < count else ""
    return f'<nav class="pager">{newer}<span>{page}</span>{older}</nav>'


def _time(text: str | None) -> str:
    """A time of the store (UTC), to the second."""
    if text is None:
        return ""
    shown = text[:19].replace("T", " ")
    return f'<time datetime="{escape(text)}">{escape(shown)} UTC</time>'


def _frame(visit: Visit, body: str, *, title: str, query: str = "") -> str:
    words = visit.words
    chosen = {visit.language: _CHOSEN}
    languages = "".join(
        f'<a href="/{code}{escape(visit.rest)}" lang="{code}"{chosen.get(code, "")}>'
        f"{WORDS[code]['language']}</a>"
        for code in LANGUAGES
    )
    last = _time(visit.place.last_change) or words["never"]
    behind = f'<p class="behind">{words["behind"]}</p>' if visit.trouble else ""
    return f"""<!doctype html>
<html lang="{visit.language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<header><a class="brand" href="/{visit.language}">Sample&nbsp;shop</a>
<form action="/{visit.language}" role="search">
<input name="q" type="search" value="{escape(query)}" placeholder="{words["search"]}"
 aria-label="{words["search"]}"></form>
<nav class="languages">{languages}</nav></header>
<main>{behind}{body}</main>
<footer>{words["changed"]}: {last}</footer>
</body></html>"""
