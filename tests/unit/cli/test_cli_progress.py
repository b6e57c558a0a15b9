"""Progress is for people at a terminal; a pipe gets nothing but the items."""

import pytest

from cli.progress import counted, progress_bar


def test_items_pass_through_unchanged_where_nobody_watches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(counted(iter(range(5)), "products")) == [0, 1, 2, 3, 4]
    assert capsys.readouterr() == ("", "")


def test_a_bar_nobody_sees_takes_reports_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as report:
        report(3, None, "products")
        report(5, 10, "products")
    assert capsys.readouterr() == ("", "")


def test_at_a_terminal_the_items_pass_and_a_slow_stream_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cli.progress._PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    assert list(counted(iter(range(5)), "products")) == [0, 1, 2, 3, 4]
    assert "products" in capsys.readouterr().err
