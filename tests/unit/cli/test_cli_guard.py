"""How a command ends: its code, and what stands on stderr."""

from pathlib import Path

import pytest
import typer

from cli import guard
from cli.cures import find_cure
from pim.errors import SourceError, SourceUnreachable
from settings import SettingsError


def end_of(error: BaseException | None = None, code: int | None = None) -> int:
    def command() -> int | None:
        if error is not None:
            raise error
        return code

    with pytest.raises(typer.Exit) as caught:
        guard.guarded(command)()
    return caught.value.exit_code


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "project_root", lambda: tmp_path)


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_what_a_command_returns_is_its_code(answer: int | None, code: int) -> None:
    assert end_of(code=answer) == code


def test_an_expected_error_is_one_line_and_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert end_of(guard.CommandError("no such thing;\n  do that")) == 1
    assert capsys.readouterr().err == "akeneo-sync: no such thing; do that\n"


def test_a_source_error_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    error = SourceUnreachable("cannot connect", method="GET", path="/api/rest/v1")
    assert end_of(error) == 1
    said = capsys.readouterr().err
    assert said.startswith("akeneo-sync: cannot connect (GET /api/rest/v1); check AKENEO_BASE_URL")
    assert said.count("\n") == 1


@pytest.mark.parametrize("kind", SourceError.__subclasses__())
def test_every_failure_of_the_whole_source_comes_with_a_cure(kind: type[SourceError]) -> None:
    assert (find_cure(kind("x")) is not None) == kind.source_wide


def test_settings_say_each_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert end_of(SettingsError(["A is bad; b", "C is bad; d"])) == 1
    assert capsys.readouterr().err == "akeneo-sync: A is bad; b\nakeneo-sync: C is bad; d\n"


def test_an_unexpected_error_is_one_line_and_its_traceback_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert end_of(ZeroDivisionError("by\nzero")) == 1

    (log,) = (tmp_path / "var" / "log").iterdir()
    told = capsys.readouterr().err
    assert told == f"akeneo-sync: unexpected ZeroDivisionError: by zero (traceback: {log})\n"
    assert "Traceback (most recent call last)" in log.read_text()


def test_where_no_log_can_be_written_another_folder_is_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("a file in the way")

    assert end_of(KeyError("x")) == 1

    named = capsys.readouterr().err.partition("(traceback: ")[2].rstrip(")\n")
    assert "Traceback" in Path(named).read_text()
    Path(named).unlink()


def test_a_very_long_message_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    assert end_of(guard.CommandError("x" * 5000)) == 1
    assert len(capsys.readouterr().err) < 400


def test_wrong_usage_found_by_a_command_is_left_to_typer() -> None:
    def command() -> None:
        raise typer.BadParameter("no")

    with pytest.raises(typer.BadParameter):
        guard.guarded(command)()


def test_ctrl_c_is_left_to_typer() -> None:
    def command() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guard.guarded(command)()
