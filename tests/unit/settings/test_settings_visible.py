"""Foreign text in lines: nothing in it steers, splits, turns or hides."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import visible, visible_json, visible_lines

NOT_SHOWN = {
    "escape sequence": "\x1b[2J\x1b]0;title\x07",
    "C1": "\x9b2J\x85\x90",
    "other ends of lines": "\u2028\u2029",
    "overrides and embeddings": "\u202a\u202b\u202c\u202d\u202e",
    "isolates": "\u2066\u2067\u2068\u2069",
    "marks of direction": "\u200e\u200f\u061c",
    "NUL and DEL": "\x00\x7f",
    "half of a pair": "\ud83d",
    "newline, return, tab": "\n\r\t",
    "byte order mark": "\ufeff",
    "nothing to see": "\u200b\u2060\u00ad\u180e",
    "tags": "\U000e0041\U000e007f",
}
SHOWN = {
    "letters": "Größe 日本 العربية עברית ไทย",
    "a family joined by U+200D": "👩\u200d👧",
    "Persian with U+200C": "می\u200cخواهم",  # noqa: RUF001 -- that is how it is written
    "variants": "❤\ufe0f 葛\U000e0100",
    "other spaces": "12\u00a0kg\u202f5\u3000x",
    "markup": '<b>\\n & "quoted" [red]',
}


@pytest.mark.parametrize("text", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_what_steers_is_shown_as_its_escape(text: str) -> None:
    shown = visible(f"SKU{text}1")
    assert shown.isascii()
    assert shown.isprintable()
    assert shown == f"SKU{text.encode('unicode_escape', 'surrogatepass').decode()}1"


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN.keys())
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == visible_lines(text) == visible_json(text) == text


def test_lines_are_kept_where_they_are_meant() -> None:
    assert visible_lines("a\n\tb\x1b\r\u2028") == "a\n\tb\\x1b\\r\\u2028"


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_one_line_without_control(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_json_says_the_same_in_one_line(text: str) -> None:
    line = visible_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert len(line.splitlines()) == 1
    assert line.encode().decode() == line
    assert json.loads(line) == {text: [text]}


def test_json_over_several_lines_becomes_one() -> None:
    line = visible_json('{\r\n\t"a": "b\u2028"\n}')
    assert line.splitlines() == [line]
    assert json.loads(line) == {"a": "b\u2028"}
