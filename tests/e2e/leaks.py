"""What a running `up` gives away: to `ps`, to other users, to those who read what it wrote."""

import base64
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from tests.up_process import Clone, Up

LOGIN = "admin:canary-prefect-login"


def drawn_secrets(clone: Clone) -> set[str]:
    """The secrets that this demo has drawn for itself, and the login it was given."""
    lines = (clone.folder / "var" / "demo.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines)
    names = ("AKENEO_CLIENT_SECRET", "AKENEO_PASSWORD", "AKENEO_WEBHOOK_SECRETS")
    return {*(values[name].strip("'") for name in names), LOGIN.partition(":")[2]}


def on_command_lines(up: Up, secrets: Iterable[str]) -> list[str]:
    """The command lines that hold a secret."""
    return [line for line in up.children().values() if any(each in line for each in secrets)]


def in_what_was_written(folder: Path, secrets: Iterable[str]) -> list[str]:
    """The files that hold a secret, but for the one that tells it to the demo's commands."""
    return [
        str(path.relative_to(folder))
        for path in files_below(folder)
        if path.name != "demo.env" and any(each.encode() in path.read_bytes() for each in secrets)
    ]


def open_to_others(folder: Path) -> list[str]:
    """The folders and files that other users of the machine may look into."""
    every = [folder, *folder.rglob("*")]
    return [str(path) for path in every if path.exists() and path.stat().st_mode & 0o077]


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def status_of(url: str, login: str | None = None) -> int:
    """The status with which the Prefect server answers."""
    said = base64.b64encode(login.encode()).decode() if login else ""
    headers = {"Authorization": f"Basic {said}"} if login else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the loopback
            status: int = answer.status
    except urllib.error.HTTPError as error:
        return error.code
    return status
