"""Watch over all that `up` runs: news of the store are told, what can be mended is mended.

Children that end again and again become alarms; deployments that Prefect has lost are deployed
again.
"""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deployments.up.output import Output
from deployments.up.plan import Plan
from deployments.up.supervisor import ChildFailed, ChildSpec, Supervisor
from storage import Store, StoreError, Transaction, open_store
from storage.state import clear_alarm, list_alarms, raise_alarm
from storage.views import Status, read_status

_LOOK_SECONDS = 5.0
_AGAIN_SECONDS = 60.0  # between two deployments: the alarm takes a moment to go
DEPLOYMENT_MISSING = "deployment-missing"
"""The receiver's alarm; a test compares it: receiver and deployments never import each other."""
SOURCE_FAILING = "source-failing"  # has lines of its own


async def watch_over(plan: Plan, supervisor: Supervisor, output: Output) -> None:
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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What news are made of: counts now, and event outcomes since the snapshot before."""

    at: datetime
    live: int = 0
    deleted: int = 0
    due: int = 0
    dead: int = 0
    held: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)
    source_problem: str | None = None


async def _look(store: Store, since: datetime) -> Snapshot:
    return await asyncio.to_thread(take_snapshot, store, since=since, now=datetime.now(UTC))


def take_snapshot(store: Store, *, since: datetime, now: datetime) -> Snapshot:
    """Read the store; outcomes are those settled after `since`."""
    with store.read() as tx:
        status = read_status(tx, now=now, since=since)
    return _snapshot(status, now)


def describe_news(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the lines that tell what changed between two snapshots; none if nothing did."""
    lines = [f"ALARM {text}" for name, text in after.alarms.items() if name not in before.alarms]
    lines += [f"alarm over: {text}" for n, text in before.alarms.items() if n not in after.alarms]
    if after.source_problem and not before.source_problem:
        lines.append(f"the PIM fails, tried again by itself: {after.source_problem}")
    if before.source_problem and not after.source_problem:
        lines.append("the PIM answers again")
    parts = [f"{count} {name}" for name, count in sorted(after.outcomes.items()) if count]
    moved = (before.live, before.deleted) != (after.live, after.deleted)
    if parts or moved:
        events = f"events: {', '.join(parts)}; " if parts else ""
        lines.append(f"{events}{_describe_store(after)}; {_describe_inbox(after)}")
    return lines


def _describe_store(now: Snapshot) -> str:
    deleted = f" ({now.deleted} deleted)" if now.deleted else ""
    return f"{now.live} product{'s' * (now.live != 1)} in the store{deleted}"


def _describe_inbox(now: Snapshot) -> str:
    parts = [f"{now.due} due"] if now.due else ["inbox empty"]
    parts += [f"{now.dead} dead letters"] * bool(now.dead)
    parts += [f"{now.held} held for `approve`"] * bool(now.held)
    return ", ".join(parts)


def _snapshot(status: Status, now: datetime) -> Snapshot:
    breaker = status.breaker
    return Snapshot(
        at=now,
        live=status.products.live,
        deleted=status.products.tombstones,
        due=status.inbox.due,
        dead=status.inbox.dead,
        held=status.products.held_deletions,
        outcomes=dict(status.outcomes),
        alarms={need.name: need.text for need in status.needs if need.name != SOURCE_FAILING},
        source_problem=(breaker.reason or "no reason known") if breaker.failing_since else None,
    )
