"""Child processes of `up`: started, watched, started again, stopped in good order."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployments.child import child_command
from deployments.output import ChildLines, Output

_STEADY_SECONDS = 60.0  # who lived this long has started well; its failures count from one again
_MAX_FAILURES = 5
_LONGEST_WAIT = 16.0
_HEALTH_SECONDS = 0.2
_LAST_WORDS_SECONDS = 2.0
_HELD_BACK_SECONDS = 0.3  # a traceback comes in one go


class ChildFailed(Exception):  # noqa: N818 - named like the event
    """A child could not be started or kept alive; the message is one line."""


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
        self._lines = ChildLines(spec.name, output)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

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

        Raises:
            ChildFailed: it never became ready, or ended again and again.
        """
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._live()
            if self._stopping.is_set():
                return
            was_ready = self.is_ready.is_set()
            self.is_ready.clear()
            if not was_ready and failures == 0:
                raise ChildFailed(self._describe_end(code))
            failures = 1 if time.monotonic() - began > _STEADY_SECONDS else failures + 1
            if failures > _MAX_FAILURES:
                raise ChildFailed(f"{self._describe_end(code)}; it was started {failures} times")
            wait = min(2.0 ** (failures - 1), _LONGEST_WAIT)
            self._output.say(f"{self._describe_end(code)}; starting it again in {wait:.0f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

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

    async def _live(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *child_command(self._lifeline, self.spec.module, *self.spec.arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self.spec.env),
            cwd=self.spec.folder,
            pass_fds=[self._lifeline],
            process_group=0,
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
        """Return the next line, b"" at the end; meanwhile show what was held back."""
        while True:
            try:
                async with asyncio.timeout(_HELD_BACK_SECONDS):
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
            return self._lines.has_said(self.spec.announced)
        return self.spec.ready is None or await self.spec.ready()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _describe_end(self, code: int) -> str:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended (exit {code})"
        last = self._lines.last_words()
        return f"{self.spec.name} {how}" + (f": {last}" if last and code > 0 else "")
