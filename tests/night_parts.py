"""The processes of a night: started as `up` starts them, killed, frozen, started again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from deployments.child import child_command


class Part:
    """One process at a time, in a process group of its own, that ends with this one."""

    def __init__(
        self, name: str, command: tuple[str, ...], env: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.kills = 0
        self._command = command
        self._env = dict(env)
        self._lifeline, self._own_end = os.pipe()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id; it must have been started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process.pid

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.is_running():
            return
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                child_command(self._lifeline, *self._command),
                env={**self._env, "PYTHONUNBUFFERED": "1"},
                cwd=Path.cwd(),
                pass_fds=[self._lifeline],
                process_group=0,
                stdout=log,
                stderr=log,
            )

    def change_setting(self, name: str, value: str) -> None:
        """Let its next start find another setting in the environment."""
        self._env[name] = value

    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: it can do nothing about it."""
        if self._process is not None and self.is_running():
            self._process.kill()
            self._process.wait()
            self.kills += 1

    def signal(self, number: signal.Signals) -> None:
        """Send it and its descendants a signal."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self, *, seconds: float = 20.0) -> None:
        """End it as an operator would, and for certain."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)
        self.signal(signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        os.close(self._lifeline)
        os.close(self._own_end)

    def times_said(self, words: str) -> int:
        """How often it has said them, in all its lives."""
        if not self.log.exists():
            return 0
        return self.log.read_text(encoding="utf-8", errors="replace").count(words)

    def last_words(self) -> str:
        """The end of what it said."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]


@contextmanager
def closing_all(parts: list[Part]) -> Iterator[None]:
    """Close them at the end, those that were made first last."""
    try:
        yield
    finally:
        for part in reversed(parts):
            part.close()


def wait_until(
    condition: Callable[[], bool], what: str | Callable[[], str], *, seconds: float = 600.0
) -> float:
    """Wait for other processes; answer how many seconds it took. `what` is said where in vain."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited in vain for {what if isinstance(what, str) else what()}")
        time.sleep(0.1)  # noqa: TID251 - a test waits for other processes
    return time.monotonic() - began


def children_of(pid: int) -> set[int]:
    """The process ids of all living descendants."""
    listed = subprocess.run(
        ["ps", "-wweo", "pid=,ppid="],  # noqa: S607 - of the system, wherever it is
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = {pid}
    while more := {child for child, parent in pairs if parent in found} - found:
        found |= more
    return found - {pid}
