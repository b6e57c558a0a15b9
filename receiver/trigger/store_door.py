"""The trigger's door: the store, in threads of its own."""

from collections.abc import Mapping
from functools import partial

from pim.ids import Generation
from receiver.config import utc_now
from receiver.store_worker import StoreWorker
from storage import Store
from storage.inbox import DrainNeed, raise_attempt, read_drain_need
from storage.state import clear_alarm, list_alarms, note_watch, raise_alarm


class StoreDoor:
    """The door, read and moved in short transactions of their own."""

    def __init__(self, store: Store) -> None:
        self._worker = StoreWorker(store)

    async def read_need(self) -> DrainNeed:
        """Read what is due and who is at work, in a new snapshot."""
        return await self._worker.read(read_drain_need)

    async def raise_attempt(self, generation: Generation, attempt: int) -> bool:
        """Move the attempt on from this one; False if somebody else did."""
        move = partial(raise_attempt, generation=generation, attempt=attempt)
        return await self._worker.write(move)

    async def read_alarms(self) -> dict[str, str]:
        """The standing alarms: their texts by name."""
        return {alarm.name: alarm.text for alarm in await self._worker.read(list_alarms)}

    async def raise_alarm(self, name: str, text: str) -> None:
        """Raise the alarm, or renew its text."""
        await self._worker.write(partial(raise_alarm, name=name, text=text, now=utc_now()))

    async def clear_alarm(self, name: str) -> None:
        """Clear the alarm if it stands."""
        await self._worker.write(partial(clear_alarm, name=name))

    async def note_watch(self, idle: Mapping[str, str]) -> None:
        """Say that somebody looks after things, and which sweeps would not be started."""
        await self._worker.write(partial(note_watch, idle=idle, now=utc_now()))

    async def close(self) -> None:
        """Finish what is under way, so that the store can be closed."""
        await self._worker.close()
