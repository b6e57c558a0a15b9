"""What the trigger needs of the world: a run server (Prefect) and the door in the store."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pim.ids import Generation
from receiver.trigger_policy import Run
from storage.door import DrainNeed


class RunServerError(Exception):
    """The run server did not do it; the message says why in one line. Another try may help."""


class DeploymentMissing(RunServerError):  # noqa: N818 - says what is the case
    """The run server does not know our deployment."""


class RunServer(Protocol):
    """Prefect, as far as a trigger needs it. Every call may raise RunServerError, soon."""

    def session(self) -> AbstractAsyncContextManager[None]:
        """What the calls need, for as long as the trigger runs."""

    async def is_paused(self) -> bool:
        """Whether the deployment's work pool is paused.

        Raises:
            DeploymentMissing: there is no such deployment.
        """

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

    async def close(self) -> None:
        """Finish what is under way; the trigger has ended."""
