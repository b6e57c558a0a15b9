"""What `up` does while everything runs: say what happens, and mend what can be mended."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime

from deployments.children import ChildFailed, ChildSpec
from deployments.news import Snapshot, describe_news, take_snapshot
from deployments.output import Output
from deployments.plan import Plan
from deployments.supervisor import Supervisor
from storage import Store, StoreError, open_store
from storage.alarms import clear_alarm, list_alarms, raise_alarm
from storage.engine import Transaction

_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 60.0  # between two deployments: the alarm takes a moment to go
DEPLOYMENT_MISSING = "deployment-missing"
"""The receiver's alarm; a test compares it: receiver and deployments never import each other."""


async def tend(plan: Plan, supervisor: Supervisor, output: Output) -> None:
    """Watch over what runs, for ever. A store that is away meanwhile is said, and waited for.

    Raises:
        StoreError: the store cannot be opened at the beginning.
    """
    deploying = _Deploying(plan.preparing(), supervisor, output)
    with closing(open_store(plan.settings.database_url)) as store:
        before = await _look(store, datetime.now(UTC))
        lost = False
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await asyncio.to_thread(_note_troubles, store, supervisor.troubles())
                after = await _look(store, before.at)
            except StoreError as error:
                if not lost:
                    output.tell(f"the store does not answer, tried again by itself: {error}")
                lost = True
                continue
            if lost:
                output.tell("the store answers again")
            lost = False
            for line in describe_news(before, after):
                output.tell(line)
            if DEPLOYMENT_MISSING in after.alarms:
                deploying.begin()
            before = after


class _Deploying:
    """Deploying again, beside everything else, and not more often than makes sense."""

    def __init__(self, spec: ChildSpec, supervisor: Supervisor, output: Output) -> None:
        self._spec = spec
        self._supervisor = supervisor
        self._output = output
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, unless that is under way or was done just now."""
        if self._task is None or self._task.done():
            self._output.tell("Prefect has lost our deployments: deploying them again")
            self._task = asyncio.create_task(self._deploy())

    async def _deploy(self) -> None:
        try:
            await self._supervisor.run_once(self._spec)
        except ChildFailed as error:
            self._output.tell(f"{error}; tried again in {_AGAIN_SECONDS:.0f} s")
        await asyncio.sleep(_AGAIN_SECONDS)


def _note_troubles(store: Store, troubles: Mapping[str, str | None]) -> None:
    """Make alarms of children that end again and again, and clear those that are over."""
    with store.read() as tx:
        standing = {alarm.name: alarm.text for alarm in list_alarms(tx)}
    named = {f"{child}-fails": text for child, text in troubles.items()}
    if all(standing.get(name) == text for name, text in named.items()):
        return

    def note(tx: Transaction) -> None:
        for name, text in named.items():
            if text is None:
                clear_alarm(tx, name=name)
            else:
                raise_alarm(tx, name=name, text=text, now=datetime.now(UTC))

    store.run(note)


async def _look(store: Store, since: datetime) -> Snapshot:
    return await asyncio.to_thread(take_snapshot, store, since=since, now=datetime.now(UTC))
