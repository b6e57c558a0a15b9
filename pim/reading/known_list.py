"""A list that every PIM has: whether it answers tells whether the source itself works."""

from datetime import datetime

from pim.errors import SourceError, SourceForbidden, SourceRequestRefused
from pim.http import Caller, api_path, calls_for
from pim.reading.paging import items_of
from pim.vocabulary import CallCause

_LISTS = ("channels", "locales", "currencies")
"""No PIM is without them; the next is asked if the connection may not list the one before."""


class KnownList:
    """Asks a known list, once a session or anew."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._has_answered = False

    async def confirm(self) -> None:
        """Make sure that a known list has answered in this session.

        Raises:
            SourceError: it does not answer; then nothing else that the source says is an absence.
        """
        if not self._has_answered:
            await self._ask()
            self._has_answered = True

    async def answers_now(self) -> bool:
        """Ask anew: does the source work at this moment?"""
        try:
            await self._ask()
        except SourceError:
            return False
        return True

    async def read_clock(self) -> datetime:
        """When a known list was asked for just now, on the source's clock; raises SourceError."""
        return await self._ask()

    async def _ask(self) -> datetime:
        with calls_for(CallCause.PROBE):
            return await self._ask_any()

    async def _ask_any(self) -> datetime:
        for name in _LISTS:
            path = api_path(name)
            try:
                answer = await self._caller.get(path, {"limit": "1"})
            except (SourceForbidden, SourceRequestRefused):
                if name == _LISTS[-1]:
                    raise
                continue
            items_of(answer.body, path)
            return answer.source_time
        raise AssertionError("the last of the lists answers, or raises")
