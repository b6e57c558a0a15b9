"""What a `.env` may look like, and what is said of one that cannot be meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from settings import SettingsError, load_settings


def env_file(root: Path, content: bytes) -> Path:
    file = root / ".env"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "content",
    [
        b"SYNC_PORT=8101\r\nSYNC_HOST=0.0.0.0\r\n",
        b"\xef\xbb\xbfSYNC_PORT=8101\nSYNC_HOST=0.0.0.0",
        b"export SYNC_PORT=8101\nexport SYNC_HOST=0.0.0.0",
        b"SYNC_PORT = 8101\n  SYNC_HOST= 0.0.0.0 ",
        b"SYNC_PORT=\"8101\"\nSYNC_HOST='0.0.0.0' # all of them",
        b"# a comment\n\nSYNC_PORT=8101 # the receiver's\nSYNC_HOST=0.0.0.0\nSYNC_PACE_SECONDS=\n",
        b"SYNC_PORT=8101\nSYNC_HOST=0.0.0.0\nSYNC_PORT=8101\nSYNC_PACE_SECONDS",
    ],
    ids=["CRLF", "BOM", "export", "spaces", "quotes", "comments", "the same twice"],
)
def test_a_file_of_any_editor_is_read(tmp_path: Path, content: bytes) -> None:
    env_file(tmp_path, content)
    settings = load_settings({}, root=tmp_path)
    assert (settings.host, settings.port) == ("0.0.0.0", 8101)  # noqa: S104 - a setting's value
    assert settings.warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        b"SYNC_PORT: 8101",
        b"set SYNC_PORT=8101",
        b"SYNC_PORT='8101",
        b'SYNC_PORT="8101\nA=b',
        b"= 5",
    ],
    ids=["colon", "set", "open quote", "open quote over lines", "no name"],
)
def test_a_line_that_cannot_be_read_is_named_and_not_shown(tmp_path: Path, line: bytes) -> None:
    file = env_file(tmp_path, b"AKENEO_TIMEZONE=UTC\n" + line + b"\n")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, root=tmp_path)
    said = caught.value.problems[0]
    assert said.startswith(f"{file} line 2 cannot be read: ")
    assert "; mend it" in said
    assert "8101" not in said


def _a_folder(file: Path) -> None:
    file.mkdir()


def _a_circle(file: Path) -> None:
    file.symlink_to(file)


def _utf_16(file: Path) -> None:
    file.write_text("SYNC_PORT=8101", encoding="utf-16")


def _latin_1(file: Path) -> None:
    file.write_bytes("AKENEO_PASSWORD=h\u00fcsh".encode("latin-1"))


@pytest.mark.parametrize("make", [_a_folder, _a_circle, _utf_16, _latin_1])
def test_what_is_no_text_file_is_one_line(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / ".env")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, root=tmp_path)
    (said,) = caught.value.problems
    assert said.startswith(f"{tmp_path}/.env cannot be read: ")
    assert "; mend the file" in said


def test_a_name_set_twice_is_said_and_the_last_one_counts(tmp_path: Path) -> None:
    env_file(tmp_path, b"SYNC_PORT=8101\nSYNC_HOST=0.0.0.0\nSYNC_PORT=8102\n")
    settings = load_settings({}, root=tmp_path)
    assert settings.port == 8102
    (line,) = settings.warnings
    assert line.startswith(f"SYNC_PORT is set twice in {tmp_path}/.env, and line 3 counts; ")


def test_an_unknown_name_that_begins_as_ours_is_said_in_our_own_file_only(tmp_path: Path) -> None:
    assert load_settings({"SYNC_FOLDER": "x"}, root=tmp_path).warnings == ()
    env_file(tmp_path, b"SYNC_FOLDER=x\nOTHER=y\n")
    (line,) = load_settings({}, root=tmp_path).warnings
    assert line.startswith("SYNC_FOLDER is not a setting and is ignored; ")
