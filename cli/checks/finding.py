"""Findings of a check: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from settings import mask


class State(StrEnum):
    """How it is, the worst last."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's. `what` is stable; `how` and `advice` are one line each."""

    part: str
    what: str
    state: State
    how: str
    advice: str = ""


class Findings:
    """Findings of one part of the system, in the order in which they were made."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.found: list[Finding] = []

    def ok(self, what: str, how: str) -> None:
        """It is well."""
        self._add(what, State.OK, how, "")

    def note(self, what: str, how: str, advice: str = "") -> None:
        """It is well, and there is something to know."""
        self._add(what, State.NOTE, how, advice)

    def warn(self, what: str, how: str, advice: str) -> None:
        """It works, and should not stay so."""
        self._add(what, State.WARNING, how, advice)

    def broken(self, what: str, how: str, advice: str) -> None:
        """It does not work."""
        self._add(what, State.BROKEN, how, advice)

    def _add(self, what: str, state: State, how: str, advice: str) -> None:
        self.found.append(Finding(self.part, what, state, mask(how), mask(advice)))
