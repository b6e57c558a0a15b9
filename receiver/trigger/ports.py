"""Ports of the trigger: the run server (Prefect), the door in the store, and who wakes it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from pim.ids import Generation
from receiver.trigger.policy import Run
from storage.inbox import DrainNeed


class RunServerError(Exception):
    """The run server did not do it; the message says why in one line. Another try may help."""


class DeploymentMissing(RunServerError):  # noqa: N818 - says what is the case
    """The run server does not know our deployment."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The way of a run from being asked for to a worker.

    `stops`: what keeps runs from workers on purpose, by the alarm's name. `workers`: how many
    report to the work pool.
    """

    pool: str
    stops: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1


class RunServer(Protocol):
    """Prefect, as far as a trigger needs it. Every call may raise RunServerError, soon."""

    def session(self) -> AbstractAsyncContextManager[None]:
        """What the calls need, for as long as the trigger runs."""

    async def look(self) -> Lane:
        """Look at the deployment's work pool, its work queue and its workers.

        Raises:
            DeploymentMissing: there is no such deployment.
        """

    async def find_idle(self) -> Mapping[str, str]:
        """Say why Prefect starts no sweep of a mode by itself, where it does not."""

    async def create_run(self, *, key: str, name: str) -> Run:
        """Create the run of this idempotency key, or answer with the one it made before.

        Raises:
            DeploymentMissing: there is no such deployment.
        """

    async def read_run(self, run_id: str) -> Run | None:
        """Read a run; None if it is not found."""


class Door(Protocol):
    """The store, as far as a trigger needs it. Every call may raise `storage.errors.StoreError`."""

    async def read_need(self) -> DrainNeed:
        """Read what is due and who is at work, in a new snapshot."""

    async def raise_attempt(self, generation: Generation, attempt: int) -> bool:
        """Move the attempt on from this one; False if somebody else did."""

    async def read_alarms(self) -> Mapping[str, str]:
        """The standing alarms: their texts by name."""

    async def raise_alarm(self, name: str, text: str) -> None:
        """Raise the alarm, or renew its text."""

    async def clear_alarm(self, name: str) -> None:
        """Clear the alarm if it stands."""

    async def note_watch(self, idle: Mapping[str, str]) -> None:
        """Say that somebody looks after things, and which sweeps would not be started."""

    async def close(self) -> None:
        """Finish what is under way; the trigger has ended."""


class Waker(Protocol):
    """A trigger: it can be told, and it cannot fail a delivery."""

    def wake(self) -> None:
        """Say that something was committed; returns at once, never raises."""

    async def run(self) -> None:
        """Trigger until cancelled; started and ended by the application's lifespan."""
