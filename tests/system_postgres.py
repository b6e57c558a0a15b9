"""A PostgreSQL server of a drill's own, from the system's programs: Prefect's server wants pg_trgm.

The wheel that the other tests use (tests/postgres_process.py) comes without that extension.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SECONDS = 300  # a busy machine
_OWNER = "postgres"  # the server refuses to run as root; Debian's package makes this user


def find_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are; None where they, or the extension, are not."""
    found = shutil.which("initdb")
    if found is None:
        return None
    programs = Path(found).resolve().parent
    told = subprocess.run(  # noqa: S603 - beside initdb
        [programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=False
    )
    extension = Path(told.stdout.strip()) / "extension" / "pg_trgm.control"
    return programs if extension.exists() else None


@contextmanager
def system_postgres() -> Iterator[str]:
    """Run one on a socket in a folder of its own; its address has {} for the database's name."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("no PostgreSQL with pg_trgm is installed")
    folder = Path(tempfile.mkdtemp(prefix="akpg"))  # short: a socket's path has 107 bytes
    owner = _OWNER if os.geteuid() == 0 else None
    if owner is not None:
        shutil.chown(folder, owner)

    def play(program: str, *arguments: str) -> None:
        with (folder / "said").open("ab") as said:
            subprocess.run(  # noqa: S603 - our own command line
                [programs / program, "-D", folder / "data", *arguments],
                user=owner,
                cwd=folder,
                stdout=said,
                stderr=said,
                check=True,
                timeout=_SECONDS,
            )

    play("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-h '' -k {folder} -c fsync=off -c full_page_writes=off -c max_connections=200"
    try:
        play("pg_ctl", "-w", "-t", str(_SECONDS), "-o", options, "-l", f"{folder}/log", "start")
        yield f"postgresql://postgres:@/{{}}?host={folder}"
    finally:
        play("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
