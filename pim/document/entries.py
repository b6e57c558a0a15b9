"""Entries of an attribute: the codes in them, and what an answer brings along with these."""

from pim.json_types import JsonObject, as_code, as_object, as_text, codes_of
from pim.structure import text_of


def codes_in(entry: JsonObject) -> list[str]:
    """The codes that a value holds, each once, in order."""
    data = entry.get("data")
    code = as_code(data)
    return [code] if code else codes_of(data)


def download_link(entry: JsonObject) -> str | None:
    """Where a value's file is to be had, if the answer says so."""
    return as_text(as_object(as_object(entry.get("_links")).get("download")).get("href"))


def linked_option(entry: JsonObject, code: str) -> JsonObject | None:
    """The option in `linked_data`: the object itself (one choice) or one of a map (several).

    PHP writes a map whose keys are 0, 1 and so on as a list: an option's own code comes first.
    """
    if not entry.get("linked_data"):
        return None
    linked = as_object(entry["linked_data"])
    wanted = code.casefold()
    if (text_of(linked, "code") or "").casefold() == wanted:
        return linked
    for name, option in linked.items():
        if isinstance(option, dict) and (text_of(option, "code") or name).casefold() == wanted:
            return option
    return None
