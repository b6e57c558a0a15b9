"""What no setting's text may be, whatever the setting: the slips of copying."""

_QUOTES = {('"', '"'), ("'", "'"), ("`", "`"), ("\u201c", "\u201d"), ("\u201e", "\u201c")}
_PLACEHOLDERS = frozenset({"\u2026", "..."})
# Somebody may have chosen a password that stands in quotes.
_FREE_NAMES = frozenset(
    {"AKENEO_PASSWORD", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"}
)
_HEADER_NAMES = frozenset({"AKENEO_ACCESS_TOKEN", "PREFECT_API_KEY"})


def find_slip(name: str, text: str) -> str | None:
    """Return what is wrong and the cure, to follow the setting's name; None if nothing is.

    Never a part of the text: it may be a secret.
    """
    if not text.isprintable():
        return (
            "holds a line break or an invisible character, or is not UTF-8 (copied along?); "
            "write it anew by hand"
        )
    if is_quoted(text) and name not in _FREE_NAMES:
        return "begins and ends with a quote, which has become part of it; leave the quotes out"
    if text in _PLACEHOLDERS or (text.startswith("<") and text.endswith(">")):
        return "is still an example's blank; put the real value there"
    if name in _HEADER_NAMES and (not text.isascii() or " " in text):
        return "holds a space or a letter that no token has; copy it anew"
    return None


def is_quoted(text: str) -> bool:
    """Tell whether the text stands in quotes."""
    return len(text) > 1 and (text[0], text[-1]) in _QUOTES
