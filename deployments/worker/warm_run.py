"""One flow run inside the warm worker, on a thread with an event loop of its own.

Why not the worker's own loop: a flow parses and hashes pages of products, and may block for
seconds by mistake; in the worker's loop that would hold up polling, cancelling and every other
run. Besides, Prefect's engine takes over the process's SIGTERM handler while a run lasts, but only
in the main thread: overlapping runs there would leave each other's handlers behind.
Why not a process: it takes 3 to 9 s to start.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.states import Crashed

from deployments.prefect_client import QuickClientContext
from deployments.worker.warm_engine import AnyFlow, StopReason, run_warm, stopped_state

_AT_WORK = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class RunThread:
    """Runs one coroutine to its end on a thread of its own.

    Made and awaited in the worker's loop. The thread is a daemon: a run that ignores its
    cancellation cannot keep the process alive.
    """

    def __init__(self, work: Callable[[], Coroutine[None, None, None]], *, name: str) -> None:
        self._work = work
        self._outer = asyncio.get_running_loop()
        self._finished: asyncio.Future[BaseException | None] = self._outer.create_future()
        self._lock = threading.Lock()
        self._inner: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancelled = False
        # Prefect keeps its settings in context variables: the run sees those of the worker.
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._main,), name=name, daemon=True
        )

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def wait(self) -> BaseException | None:
        """Return what ended the coroutine: None, or what it raised (`CancelledError` included).

        Cancelling the caller leaves the run alone.
        """
        return await asyncio.shield(self._finished)

    def cancel(self) -> None:
        """Cancel the run, once; its `finally` blocks run. Callable from any thread."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            if self._task is not None and self._inner is not None and not self._inner.is_closed():
                self._inner.call_soon_threadsafe(self._task.cancel)

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting loop
            self._report(error)
        else:
            self._report(None)

    async def _run(self) -> None:
        task = asyncio.create_task(self._work())
        with self._lock:
            self._inner, self._task = asyncio.get_running_loop(), task
            if self._cancelled:
                task.cancel()
        await task

    def _report(self, error: BaseException | None) -> None:
        def finish() -> None:
            if not self._finished.done():
                self._finished.set_result(error)

        if not self._outer.is_closed():
            self._outer.call_soon_threadsafe(finish)


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

    async def report_end(self, error: BaseException | None, client: PrefectClient) -> None:
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
