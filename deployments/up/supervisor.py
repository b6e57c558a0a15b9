"""Supervisor and its children: started, watched, started again, stopped in good order.

One lifeline for all, one failure that ends all, one order of stopping.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.child import child_command
from deployments.up.output import ChildLines, Output

_STEADY_SECONDS = 60.0  # who lived this long has started well; its failures count from one again
_LONGEST_WAIT = 16.0
_TROUBLE_AFTER = 3  # failures in a row: one that was killed twice and lives again is no trouble
_HEALTH_SECONDS = 0.2
_LAST_WORDS_SECONDS = 2.0
_LONGEST_LINE = 2**20  # a line of JSON holds a whole traceback
_RECORD_SECONDS = 0.3  # a traceback comes in one go


class ChildFailed(Exception):  # noqa: N818 - named like the event
    """A child could not be started; the message is one line."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run, and how to tell that it is ready.

    `ready` is asked again and again until it says yes; None: ready once started. With `announced`
    it is ready when it has said that. Those of a lower `stop_rank` are stopped first.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    stop_rank: int
    ready: Callable[[], Awaitable[bool]] | None = None
    announced: str | None = None
    start_seconds: float = 90.0
    stop_seconds: float = 10.0


class Child:
    """One child, in a process group of its own, bound to this process by a pipe (`child`)."""

    def __init__(self, spec: ChildSpec, *, lifeline: int, output: Output) -> None:
        self.spec = spec
        self.is_ready = asyncio.Event()
        self._lifeline = lifeline
        self._output = output
        self._lines = self._listen()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._trouble: str | None = None
        self._failed_at = 0.0

    async def run_once(self) -> None:
        """Run it to its end.

        Raises:
            ChildFailed: it ended with an error.
        """
        code = await self._live()
        if code != 0 and not self._stopping.is_set():
            raise ChildFailed(self._describe_end(code))

    async def keep(self) -> None:
        """Keep it alive until `stop`: start it again when it ends, later each time.

        Never given up once it has been ready: the others go on meanwhile, deliveries are taken,
        and what ended it (a full disk, a database that restarts) may be over at any time.

        Raises:
            ChildFailed: it did not become ready at its first start.
        """
        failures = 0
        proven = False
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._live()
            if self._stopping.is_set():
                return
            proven = proven or self.is_ready.is_set()
            self.is_ready.clear()
            if not proven:
                raise ChildFailed(self._describe_end(code))
            lived = time.monotonic() - began
            failures = 1 if lived > _STEADY_SECONDS else failures + 1
            wait = min(2.0 ** (failures - 1), _LONGEST_WAIT)
            ended = self._describe_end(code)
            self._output.say(f"{ended}; starting it again in {wait:.0f} s")
            if failures >= _TROUBLE_AFTER:
                self._trouble = f"{ended}; {failures} times in a row, it is started again and again"
            self._failed_at = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    def trouble(self) -> str | None:
        """Return what is wrong with a child that ends again and again; None if it has steadied."""
        steady = self.is_ready.is_set() and time.monotonic() - self._failed_at > _STEADY_SECONDS
        if steady:
            self._trouble = None
        return self._trouble

    async def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self.spec.stop_seconds)
        except TimeoutError:
            self._output.say(f"{self.spec.name} did not stop in time and is killed")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """End it and its descendants now."""
        self._stopping.set()
        self._signal(signal.SIGKILL)

    def _listen(self) -> ChildLines:
        return ChildLines(self.spec.name, self._output, awaited=self.spec.announced)

    async def _live(self) -> int:
        self._lines = self._listen()  # what its last life announced says nothing of this one
        process = await asyncio.create_subprocess_exec(
            *child_command(self._lifeline, self.spec.module, *self.spec.arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self.spec.env),
            cwd=self.spec.folder,
            pass_fds=[self._lifeline],
            process_group=0,
            limit=_LONGEST_LINE,
        )
        self._process = process
        if self._stopping.is_set():  # told so while it was being started
            self._signal(signal.SIGKILL)
        readiness = asyncio.create_task(self._await_readiness())
        pump = asyncio.create_task(self._pump(process))
        try:
            await process.wait()
        finally:
            readiness.cancel()
            # A killed worker of a `process` pool leaves its runs' processes behind.
            self._signal(signal.SIGKILL)
            await asyncio.wait({pump}, timeout=_LAST_WORDS_SECONDS)
            pump.cancel()
        return process.returncode or 0

    async def _pump(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise RuntimeError("started without a pipe")
        while raw := await self._read_line(process.stdout):
            self._lines.take(raw)
        self._lines.flush()

    async def _read_line(self, stream: asyncio.StreamReader) -> bytes:
        """Return the next line, b"" at the end; meanwhile show the record that waits."""
        while True:
            try:
                async with asyncio.timeout(_RECORD_SECONDS):
                    return await stream.readline()
            except TimeoutError:
                self._lines.flush()
            except ValueError:  # a line longer than the buffer: its beginning was dropped
                continue

    async def _await_readiness(self) -> None:
        try:
            async with asyncio.timeout(self.spec.start_seconds):
                # Another process's state: it can only be asked.
                while not await self._looks_ready():  # noqa: ASYNC110 - see above
                    await asyncio.sleep(_HEALTH_SECONDS)
        except TimeoutError:
            seconds = self.spec.start_seconds
            self._output.say(f"{self.spec.name} is not ready after {seconds:.0f} s and is ended")
            self._signal(signal.SIGKILL)
        else:
            self.is_ready.set()

    async def _looks_ready(self) -> bool:
        if self.spec.announced is not None:
            return self._lines.has_come
        return self.spec.ready is None or await self.spec.ready()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _describe_end(self, code: int) -> str:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended (exit {code})"
        last = self._lines.last_words()
        return f"{self.spec.name} {how}" + (f": {last}" if last and code > 0 else "")


class Supervisor:
    """Starts children, keeps them alive, and stops them in the order of their rank."""

    def __init__(self, output: Output) -> None:
        self._output = output
        # Nobody writes to the pipe: that its write end is gone tells the children to end.
        self._lifeline, self._own_end = os.pipe()
        self._children: list[Child] = []
        self._kept: list[Child] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = False

    def start(self, spec: ChildSpec) -> Child:
        """Start a child and keep it alive."""
        child = Child(spec, lifeline=self._lifeline, output=self._output)
        if not self._stopping:
            self._children.append(child)
            self._kept.append(child)
            self._watch(asyncio.create_task(child.keep()))
        return child

    async def run_once(self, spec: ChildSpec) -> None:
        """Run a child to its end.

        Raises:
            ChildFailed: it ended with an error.
        """
        child = Child(spec, lifeline=self._lifeline, output=self._output)
        if self._stopping:
            return
        self._children.append(child)
        try:
            await child.run_once()
        finally:
            self._children.remove(child)

    async def failure(self) -> None:
        """Wait for ever, or until a child could not be started.

        Raises:
            ChildFailed: the first one that could not.
        """
        await asyncio.shield(self._failure)

    def troubles(self) -> dict[str, str | None]:
        """Return what is wrong with each of the children that are kept alive, by name."""
        return {child.spec.name: child.trouble() for child in self._kept}

    async def stop(self) -> None:
        """Stop all, each before the next."""
        self._stopping = True
        for child in sorted(self._children, key=lambda each: each.spec.stop_rank):
            await child.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        os.close(self._own_end)
        os.close(self._lifeline)

    def kill(self) -> None:
        """End all now."""
        self._stopping = True
        for child in self._children:
            child.kill()

    def _watch(self, task: asyncio.Task[None]) -> None:
        def done(ended: asyncio.Task[None]) -> None:
            if ended.cancelled() or self._failure.done():
                return
            error = ended.exception()
            if error is not None:
                self._failure.set_exception(error)

        self._tasks.append(task)
        task.add_done_callback(done)
