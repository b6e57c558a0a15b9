r"""Foreign text, a product's identifier say, on a screen, in a log line, in a line of JSON.

What steers a terminal, ends a line for some reader, turns the direction of reading or hides is
shown as its escape: control characters of both sets (C0 and C1, ESC and CSI among them), U+2028
and U+2029, the marks of bidirectional text, zero-width spaces, the byte order mark, tags, and what
is no character (half of a pair). Letters stay, in any script, and what they need to be joined:
zero-width joiners, variation selectors, spaces of other widths.

This is the one place that knows which these are: screens, logs, artifacts and exports ask it.
"""

import re

_STEERING = (
    "\\x00-\\x1f\\x7f-\\x9f"
    "\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
    "\\ud800-\\udfff\\U000e0000-\\U000e007f"
)
STEERING = re.compile(f"[{_STEERING}]")
_BUT_LINES = re.compile(f"(?![\n\t])[{_STEERING}]")
_PAIRED = 0xFFFF


def visible(text: str) -> str:
    r"""Return the text in one line that shows what is in it: `a\nb` for two."""
    return STEERING.sub(_escape, text)


def visible_lines(text: str) -> str:
    """Return the text, its lines and tabs kept: for what has several by nature, a traceback say."""
    return _BUT_LINES.sub(_escape, text)


def visible_json(document: str) -> str:
    r"""Return a JSON text with the same in it, in one line for every reader: `\u2028` as escape."""
    return STEERING.sub(_escape_in_json, document)


def _escape(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]


def _escape_in_json(found: re.Match[str]) -> str:
    sign = found[0]
    if sign < " ":
        return " "  # between two values: JSON has none inside a text
    if ord(sign) <= _PAIRED:
        return f"\\u{ord(sign):04x}"
    high, low = divmod(ord(sign) - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
