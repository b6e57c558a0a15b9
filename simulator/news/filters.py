"""Filters of subscriptions: `user`, `user_type`, `attribute`, `scope`, `channel`, `locale`.

One expression of comparisons (`field="value"`, `field in ("a", "b")`) with `and`, `or`, `not` and
parentheses. An event that lacks a field of the filter never passes it, whatever stands around it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

MOST_CHARACTERS = 500
MOST_OPERATORS = 10

ANY = "*"
"""Among an event's values of a field: it passes for every value that is asked for."""

Facts: TypeAlias = Mapping[str, frozenset[str]]
"""An event's values by field; a field that is not there is lacking."""

_FIELDS = {
    "user": "user",
    "user_type": "user_type",
    "attribute": "attribute",
    "scope": "scope",
    "channel": "scope",
    "locale": "locale",
}
_OPERATORS = frozenset({"and", "or", "not", "in"})
_TOKEN = re.compile(r'\s*(?:(?P<text>"[^"]*")|(?P<word>[A-Za-z_]+)|(?P<sign>[=(),]))')

_Test: TypeAlias = Callable[[Facts], bool]


class FilterError(ValueError):
    """The text is no filter; the message says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    fields: frozenset[str]
    test: _Test

    def lets_pass(self, facts: Facts) -> bool:
        """Whether an event of these facts is delivered."""
        return self.fields <= facts.keys() and self.test(facts)


def parse_filter(text: str) -> Filter:
    """Parse a filter's text.

    Raises:
        FilterError: it is too long, has too many operators, or cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(f"filter must not be longer than {MOST_CHARACTERS} characters")
    reader = _Reader(_tokens(text))
    if sum(token in _OPERATORS for token in reader.tokens) > MOST_OPERATORS:
        raise FilterError(f"filter must not have more than {MOST_OPERATORS} operators")
    test = reader.read_any()
    if reader.tokens:
        raise FilterError(f"filter: unexpected {reader.tokens[0]}")
    return Filter(frozenset(reader.fields), test)


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise FilterError(f"filter: cannot read {text[position:].strip()!r}")
        found.append(match.group("text") or match.group("word") or match.group("sign"))
        position = match.end()
    return found


class _Reader:
    """Reads tokens from the left; `or` binds weakest, `not` strongest."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.fields: set[str] = set()

    def read_any(self) -> _Test:
        tests = [self._read_all()]
        while self._takes("or"):
            tests.append(self._read_all())
        return lambda facts: any(test(facts) for test in tests)

    def _read_all(self) -> _Test:
        tests = [self._read_one()]
        while self._takes("and"):
            tests.append(self._read_one())
        return lambda facts: all(test(facts) for test in tests)

    def _read_one(self) -> _Test:
        if self._takes("not"):
            denied = self._read_one()
            return lambda facts: not denied(facts)
        if self._takes("("):
            inner = self.read_any()
            self._expect(")")
            return inner
        return self._read_comparison()

    def _read_comparison(self) -> _Test:
        name = self._next()
        if name not in _FIELDS:
            raise FilterError(f"filter: unknown field {name}")
        field = _FIELDS[name]
        self.fields.add(field)
        wanted = self._read_values()
        return lambda facts: ANY in facts[field] or not wanted.isdisjoint(facts[field])

    def _read_values(self) -> frozenset[str]:
        if self._takes("="):
            return frozenset({self._text()})
        self._expect("in")
        self._expect("(")
        values = {self._text()}
        while self._takes(","):
            values.add(self._text())
        self._expect(")")
        return frozenset(values)

    def _takes(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            del self.tokens[0]
            return True
        return False

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise FilterError(f"filter: {token} expected before {found}")

    def _text(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            raise FilterError(f"filter: a value in double quotes expected before {token}")
        return token[1:-1]

    def _next(self) -> str:
        if not self.tokens:
            raise FilterError("filter ends too early")
        return self.tokens.pop(0)
