"""A thread with an event loop of its own, for one flow run.

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
        def settle() -> None:
            if not self._finished.done():
                self._finished.set_result(error)

        if not self._outer.is_closed():
            self._outer.call_soon_threadsafe(settle)
