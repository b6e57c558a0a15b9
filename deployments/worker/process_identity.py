"""Identity of the process that ran a flow run: its worker's name, its host, one life of it.

A process id alone is not enough: ids are used again. The time at which the process started tells
its lives apart. Nor is a host's name: containers may share one, and neither sees the processes of
the other. So the place is told, too: the machine, its boot, and the namespace of its process ids.
"""

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

_FIELDS = 4
_AFTER_NAME_STATE = 0  # fields of /proc/PID/stat counted after the closing parenthesis of the name
_AFTER_NAME_STARTED = 19
_FIRST_NAMESPACE = "4026531836"  # PROC_PID_INIT_INO of Linux: the machine's own, no container's


@dataclass(frozen=True, slots=True)
class Incarnation:
    """One life of a worker process. `str()` is what Prefect keeps as a run's infrastructure id."""

    host: str
    pid: int
    started: str  # opaque: compared for equality only
    worker: str
    place: str = ""  # MACHINE.BOOT.NAMESPACE; nothing where the system does not tell

    def __str__(self) -> str:
        life = f"{self.started}@{self.place}" if self.place else self.started
        return f"{self.host}:{self.pid}:{life}:{self.worker}"


def own_incarnation(worker: str) -> Incarnation:
    """Return the incarnation of this process, as the worker of that name."""
    pid = os.getpid()
    return Incarnation(
        socket.gethostname(), pid, process_start(pid) or "?", worker, place=_own_place()
    )


def parse_incarnation(text: str | None) -> Incarnation | None:
    """Return what `str(Incarnation)` wrote; None for anything else (another worker's type)."""
    parts = (text or "").split(":", _FIELDS - 1)
    if len(parts) != _FIELDS or not parts[1].isdecimal():
        return None
    started, _, place = parts[2].partition("@")
    return Incarnation(parts[0], int(parts[1]), started, parts[3], place)


def is_seen_from(place: str, other: str) -> bool:
    """Say whether `place` can tell if a process of the `other` one lives.

    It sees the processes of its own, and knows that those of its machine's last boot are gone. A
    place that was not recorded (by an earlier version, or another system) is taken for its own.
    """
    if not other or other == place:
        return True
    machine, _, rest = place.partition(".")
    boot, _, space = rest.partition(".")
    return (
        machine != ""
        and space == _FIRST_NAMESPACE
        and other.startswith(f"{machine}.")
        and other.endswith(f".{space}")
        and not other.startswith(f"{machine}.{boot}.")
    )


def is_alive(incarnation: Incarnation) -> bool:
    """Say whether that life of the process goes on, on this host."""
    return process_start(incarnation.pid) == incarnation.started


def process_start(pid: int) -> str | None:
    """Return when the process started, as a text without a colon; None if there is none.

    A zombie counts as gone: it runs nothing.
    """
    if Path("/proc/self/stat").exists():
        return _start_from_proc(pid)
    return _start_from_ps(pid)


def _start_from_proc(pid: int) -> str | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 1 :].split()  # the name may hold spaces and parentheses
    return None if fields[_AFTER_NAME_STATE] in "ZX" else fields[_AFTER_NAME_STARTED]


def _start_from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a number only
    state, _, started = answer.stdout.strip().partition(" ")
    if not started or state.startswith("Z"):
        return None
    return "-".join(started.replace(":", ".").split())


def _own_place() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        machine = ""  # many containers have none
    return f"{machine[:12]}.{boot[:8]}.{namespace}"


def worker_name() -> str:
    """Return the name under which this machine's worker is known to Prefect."""
    return f"akeneo-sync on {socket.gethostname()}".replace("/", "-").replace("%", "-")
