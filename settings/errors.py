"""What is wrong with the configuration, in lines an operator can act on."""

from collections.abc import Iterable


class SettingsError(Exception):
    """The configuration cannot be used.

    `problems` holds one line each: the setting's name, what is wrong with its value, the cure.
    A secret's value is never part of a line. `str()` is the lines joined by newlines.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(self.problems))
