"""Ports of this machine: free or not, who has one, and whether a server answers there."""

import asyncio
import errno
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deployments.prefect_env import SERVER_HOST
from settings import Settings

_LISTENING = "0A"  # TCP_LISTEN in /proc/net/tcp
# A predecessor that was killed outright takes its children with it within ten seconds.
_LEFTOVER_SECONDS = 10.0
_ANSWER_SECONDS = 3.0


def is_free(host: str, port: int) -> bool:
    """Say whether a server could listen there now. Port 0 is always free."""
    if port == 0:
        return True
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


async def wait_until_free(host: str, port: int, *, seconds: float) -> bool:
    """Wait for a port that a dying predecessor may still hold; say whether it is free now."""
    for _ in range(int(seconds / 0.2)):
        if is_free(host, port):
            return True
        await asyncio.sleep(0.2)
    return is_free(host, port)


def free_port(host: str) -> int:
    """Return a port that is free now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.bind((host, 0))
        port: int = tried.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port; `command` is empty where it cannot be read."""

    pid: int
    command: str

    def __str__(self) -> str:
        name = Path(self.command.split(" ")[0]).name or "a process"
        return f"{name} (pid {self.pid})"


async def find_taker(host: str, port: int) -> str | None:
    """Return by whom the port is taken (" by NAME", or "" if unknown); None: it is free.

    Waits a moment for what a killed predecessor has left.
    """
    if is_free(host, port):
        return None
    holder = find_holder(port)
    leftover = holder is None or "deployments.child" in holder.command
    if leftover and await wait_until_free(host, port, seconds=_LEFTOVER_SECONDS):
        return None
    return f" by {holder}" if holder else ""


def find_holder(port: int) -> Holder | None:
    """Return who listens on the port; None where that cannot be told."""
    pid = _pid_from_proc(port) if Path("/proc/net/tcp").exists() else _pid_from_lsof(port)
    return None if pid is None else Holder(pid, _read_command(pid))


def _read_command(pid: int) -> str:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        command = ["ps", "-wwo", "command=", "-p", str(pid)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a number only
        return answer.stdout.strip()
    return raw.replace(b"\0", b" ").decode("utf-8", errors="replace").strip()


def _pid_from_proc(port: int) -> int | None:
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and inodes & set(_open_files(folder / "fd")):
            return int(folder.name)
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open_files(folder: Path) -> Iterator[str]:
    try:
        names = list(folder.iterdir())
    except OSError:  # another user's process, or one that has just ended
        return
    for name in names:
        try:
            yield os.readlink(name)  # noqa: PTH115 - Path.readlink would mangle "socket:[1]"
        except OSError:
            continue


def _pid_from_lsof(port: int) -> int | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a number only
    first = answer.stdout.split()[:1]
    return int(first[0]) if first and first[0].isdecimal() else None


async def answers_ok(url: str) -> bool:
    """Say whether GET `url` (http only) answers 200 in time."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request.encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return status.split()[1:2] == [b"200"]


class PortTaken(Exception):  # noqa: N818 - named like the fact
    """A port is somebody else's; the message is one line with the cure."""


async def require_ports(settings: Settings) -> None:
    """Wait a moment for ports that a killed predecessor still holds.

    Raises:
        PortTaken: somebody else has one of them.
    """
    if settings.prefect_api_url is None:
        port = settings.prefect_server_port
        await _require_port(
            SERVER_HOST,
            port,
            "Prefect's server",
            "set PREFECT_SERVER_API_PORT to another port, or, if that is a Prefect server to be "
            f"used, PREFECT_API_URL=http://{SERVER_HOST}:{port}/api",
        )
    await _require_port(
        settings.host, settings.port, "the receiver", "set SYNC_PORT to another port"
    )
    api = settings.api
    if api.is_chosen:
        await _require_port(api.host, api.port, "the read API", "set SYNC_API_PORT to another port")


async def _require_port(host: str, port: int, purpose: str, cure: str) -> None:
    taker = await find_taker(host, port)
    if taker is not None:
        raise PortTaken(f"port {port}, for {purpose}, is taken{taker}; stop that, or {cure}")
