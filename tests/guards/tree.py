"""A copy of the project to cut in, and pytest runs in it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards.guard import ROOT, Guard

_LEFT_OUT = shutil.ignore_patterns(
    *(".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
)
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one test ended; `why` in one line where it is red."""

    test: str
    red: bool
    asserted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A pytest run: the verdicts of what ran, and pytest's own last lines."""

    verdicts: tuple[Verdict, ...]
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of the project's files; the environment is the one that runs this."""

    root: Path

    @classmethod
    def copy(cls, root: Path) -> "Tree":
        """Copy the project as it stands, uncommitted changes included."""
        shutil.copytree(ROOT, root, ignore=_LEFT_OUT)
        return cls(root)

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        """Take one protection out for a while."""
        path = self.root / guard.file
        whole = path.read_text()
        path.write_text(guard.cut(whole))
        try:
            yield
        finally:
            path.write_text(whole)

    def test(self, tests: Sequence[str], *, processes: int = 0) -> Tried:
        """Run these tests here; `python -m` puts this folder before the installed project's."""
        verdicts = self.root / "verdicts.jsonl"
        verdicts.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-B", "-m", "pytest", "-q", "--no-header", "--tb=no"),
            *("-p", "tests.guards.verdicts", f"--verdicts={verdicts}", "-p", "no:cacheprovider"),
            *("-n", str(processes), "--dist", "loadgroup"),
            *tests,
        ]
        try:
            ran = subprocess.run(  # noqa: S603 - our own command
                command,
                cwd=self.root,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Tried((), passed=False, said=f"nothing came of it within {_SECONDS} s")
        lines = verdicts.read_text().splitlines() if verdicts.exists() else []
        said = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-6:])
        found = tuple(Verdict(**json.loads(line)) for line in lines)
        return Tried(found, passed=ran.returncode == 0, said=said)
