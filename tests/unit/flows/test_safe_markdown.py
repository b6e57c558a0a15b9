"""Names and reasons of foreign make in the Prefect UI: shown, and not obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.run.markdown import as_code, table_cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SKU-1_b", "SKU-1_b"),
        ("a|b", "a\\|b"),
        ("two\nlines\r\nhere", "two lines here"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("[click](javascript:alert(1))", "\\[click\\](javascript:alert(1))"),
        ("https://evil.example", "https:&#47;&#47;evil.example"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("", ""),
    ],
)
def test_markup_of_a_foreign_text_is_only_text(text: str, shown: str) -> None:
    assert table_cell(text) == shown


def test_a_code_cannot_end_its_own_quotes() -> None:
    assert as_code("a`|`b\n<b>") == "`a'¦'b <b>`"
    assert as_code("") == ""


@given(st.text())
def test_no_text_breaks_out_of_its_cell(text: str) -> None:
    for shown in (table_cell(text), as_code(text)):
        assert "\n" not in shown
        assert "\r" not in shown
        assert "|" not in shown.replace("\\|", "")
    assert "<" not in table_cell(text)
