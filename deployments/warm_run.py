"""One flow run inside the warm worker: started, told to stop, waited for."""

import asyncio
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.states import Crashed

from deployments.retry_transport import QuickClientContext
from deployments.run_thread import RunThread
from deployments.warm_engine import AnyFlow, StopReason, run_warm, stopped_state

_AT_WORK = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class WarmRun:
    """A flow run on a thread of its own. Made and used in the worker's loop."""

    def __init__(
        self, flow: AnyFlow, flow_run: FlowRun, *, api_url: str, on_worker_stop: StopReason
    ) -> None:
        self.flow_run = flow_run
        self.on_worker_stop = on_worker_stop
        self.ended = asyncio.Event()  # set by the worker when all is reported
        self._flow = flow
        self._api_url = api_url
        self._reason: StopReason | None = None
        self._abandoned = asyncio.Event()
        self._thread = RunThread(self._execute, name=f"run-{flow_run.name}")

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def stop(self, reason: StopReason) -> None:
        """Cancel it; the first reason given counts."""
        if self._reason is None:
            self._reason = reason
            self._thread.cancel()

    def abandon(self) -> None:
        """Wait for it no longer: it did not stop in time."""
        self._abandoned.set()

    async def wait(self) -> BaseException | None:
        """Return what ended it: None for a run that reported its own end."""
        finished = asyncio.ensure_future(self._thread.wait())
        given_up = asyncio.ensure_future(self._abandoned.wait())
        try:
            await asyncio.wait({finished, given_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            given_up.cancel()
        return finished.result() if finished.done() else TimeoutError("it did not stop in time")

    async def settle(self, error: BaseException | None, client: PrefectClient) -> None:
        """See to it that Prefect does not show a run as at work that has ended.

        The engine reports nearly every end itself. Left over are a cancellation before it had
        begun, a report that did not get through, and a run given up.
        """
        if error is None or isinstance(error, Abort | Pause):
            return
        try:
            seen = await client.read_flow_run(self.flow_run.id)
        except ObjectNotFound:  # deleted meanwhile
            return
        if seen.state is None or seen.state.type not in _AT_WORK:
            return
        stopped = self._reason is not None and isinstance(error, asyncio.CancelledError)
        crash: State[Any] = Crashed(message=f"The run ended without a report: {error!r}")
        final = stopped_state(self._reason) if stopped and self._reason else crash
        await client.set_flow_run_state(self.flow_run.id, final, force=True)

    async def _execute(self) -> None:
        async with QuickClientContext(self._api_url):
            await run_warm(self._flow, self.flow_run, stop_reason=lambda: self._reason)
