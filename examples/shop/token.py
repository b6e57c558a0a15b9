"""The shop's token of the read API: made once by the project's own command, and kept in a file."""

import os
import subprocess
import sys
from pathlib import Path

from examples.shop.feed import TokenError

NAME = "sample-shop"
_PROJECT = Path(__file__).parents[2]


class TokenFile:
    """A token in a file that only this user may read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> str | None:
        """Read the token; None where there is none yet."""
        return self._file.read_text().strip() or None if self._file.exists() else None

    def renew(self) -> str:
        """Make a new token, in the place of one of the same name, and keep it.

        Raises:
            TokenError: the command makes none; it says why.
        """
        _call("revoke")  # that of a shop whose file is gone: it could not be shown again
        made = _call("create")
        if made.returncode:
            why = made.stderr.strip().rpartition("\n")[2]
            raise TokenError(f"`akeneo-sync tokens create {NAME}` made no token: {why}")
        token = made.stdout.strip()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        kept = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(kept, "w") as file:
            file.write(token + "\n")
        return token


def _call(action: str) -> "subprocess.CompletedProcess[str]":
    # `akeneo-sync` of this folder, whatever is installed beside it.
    command = [sys.executable, "-m", "cli.main", "tokens", action, NAME]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=_PROJECT
    )
