"""What a guard is: a promise, the code that keeps it, and the tests that notice when it is gone."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class CannotCut(Exception):  # noqa: N818 - named like the fact it reports
    """The protecting code is not where the registry says it is."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One promise, in plain words, and how to break it.

    `find` stands exactly once in `file` (a path from the project's root) and is replaced by
    `replace`; then at least one of the tests `red` (node ids) must fail by an assertion. Whoever
    moves the protecting code carries `find` along.
    """

    promise: str
    file: str
    find: str
    replace: str
    red: tuple[str, ...]

    def cut(self, text: str) -> str:
        """Take the protection out of the file's text.

        Raises:
            CannotCut: the snippet is not there exactly once; the message says what to do.
        """
        times = text.count(self.find)
        if times != 1:
            raise CannotCut(
                f"{self.file} holds the snippet that keeps {self.promise!r} {times} times instead "
                f"of once: carry the guard in tests/guards along with the code\n{self.find}"
            )
        return text.replace(self.find, self.replace)

    def check(self, root: Path = ROOT) -> None:
        """Return if the snippet stands exactly once; raises CannotCut."""
        path = root / self.file
        if not path.exists():
            raise CannotCut(
                f"{self.file} is gone, which keeps {self.promise!r}: carry the guard in "
                "tests/guards along with the code"
            )
        self.cut(path.read_text())


UNIT = "tests/unit"
FLOWS = "tests/integration/flows"
STORE = "tests/integration/storage"
RECEIVER = "tests/integration/receiver"
PROPERTY = "tests/property"


def named(file: str, *tests: str) -> tuple[str, ...]:
    """The node ids of a file's tests."""
    return tuple(f"{file}::{test}" for test in tests)
