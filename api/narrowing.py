"""Documents narrowed to one channel or locale: pure."""

from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text


def narrow_document(
    document: JsonObject, *, channel: str | None = None, locale: str | None = None
) -> JsonObject:
    """Keep the values of a channel and locale, and those that are the same for all.

    An attribute none of whose values is left is left out. Labels stay: who shows them chooses. So
    do completenesses of that channel and locale.
    """
    if channel is None and locale is None:
        return document
    narrowed: JsonObject = {}
    for code, attribute in as_object(document.get("attributes")).items():
        shown = as_object(attribute)
        values = [value for value in as_list(shown.get("values")) if _is_of(value, channel, locale)]
        if values:
            narrowed[code] = {**shown, "values": values}
    complete = [
        each for each in as_list(document.get("completenesses")) if _is_of(each, channel, locale)
    ]
    return {**document, "attributes": narrowed, "completenesses": complete}


def _is_of(value: JsonValue, channel: str | None, locale: str | None) -> bool:
    """A value without a channel or locale is of all of them."""
    place = as_object(value)
    return _fits(as_text(place.get("scope")), channel) and _fits(
        as_text(place.get("locale")), locale
    )


def _fits(of: str | None, wanted: str | None) -> bool:
    return wanted is None or of is None or of.casefold() == wanted.casefold()
