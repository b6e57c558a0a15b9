"""Samples of a soak: processes, files, the store, Prefect's runs."""

import json
import os
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
STATES = ("SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED", "CRASHED", "CANCELLED")
FLOWS = ("process-inbox", "reconcile", "housekeeping")

Json = dict[str, Any]


def take_sample(folder: Path, since: str, port: int, prefect_port: int) -> Json:
    """Measure everything once; what cannot be measured now says why."""
    processes = [measure_process(pid) for pid in processes_of(folder)]
    databases = [folder / "store.db", folder / "prefect" / "prefect.db"]
    files = [Path(f"{file}{end}") for file in databases for end in ("", "-wal")]
    return {
        "processes": [each for each in processes if each is not None],
        "bytes": {file.name: file.stat().st_size for file in files if file.exists()},
        "log_bytes": (folder / "up.log").stat().st_size,
        "store": tried(read_store, folder / "store.db", since),
        "runs": tried(count_runs, f"http://127.0.0.1:{prefect_port}/api"),
        "answered": deliveries_answered(port),
        "load": os.getloadavg()[0],
    }


def tried(read: Callable[..., Json], *args: object) -> Json:
    """Read, or say what went wrong: one failed look must not end the soak."""
    try:
        return read(*args)
    except (OSError, sqlite3.Error, ValueError) as error:
        return {"error": repr(error)}


def utc_text() -> str:
    """Now, as the store writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def processes_of(folder: Path) -> Iterator[int]:
    """Find every process whose data is in the folder: by its environment."""
    mark = f"PREFECT_HOME={folder}/prefect".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


def measure_process(pid: int) -> Json | None:
    """Measure one process; None if it ended meanwhile."""
    proc = Path(f"/proc/{pid}")
    try:
        words = (proc / "cmdline").read_bytes().decode().split("\0")
        stat = (proc / "stat").read_text().rpartition(")")[2].split()
        return {
            "pid": pid,
            "role": name_role(words),
            "rss_mb": round(int((proc / "statm").read_text().split()[1]) * PAGE / 1e6, 1),
            "threads": int(stat[17]),
            "files": len(list((proc / "fd").iterdir())),
            "cpu_s": round((int(stat[11]) + int(stat[12])) / TICKS, 1),
        }
    except (OSError, IndexError, ValueError):
        return None


def name_role(words: Sequence[str]) -> str:
    """Name a process by its command line."""
    if "deployments.child" not in words:
        return "up" if "up" in words else "other"
    module, *arguments = words[words.index("deployments.child") + 2 :]
    if module in {"prefect", "deployments.prefect_server"}:
        return "prefect"
    return arguments[0] if arguments else module


def read_store(file: Path, since: str) -> Json:
    """Read what was received and settled since then, and what stands."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        ages = "(julianday(settled_at) - julianday(received_at)) * 86400"
        settled = sorted(
            row[0]
            for row in db.execute(
                f"SELECT {ages} FROM inbox_event WHERE outcome IS NOT NULL AND settled_at >= ?",
                (since,),
            )
        )
        return {
            "deliveries": one(db, "SELECT coalesce(max(id), 0) FROM inbox_batch"),
            "events": one(db, "SELECT coalesce(max(id), 0) FROM inbox_event"),
            "refused": one(db, "SELECT coalesce(sum(count), 0) FROM refusal"),
            "due": one(db, "SELECT count(*) FROM inbox_event WHERE outcome IS NULL"),
            "oldest_due": one(
                db,
                "SELECT (julianday('now') - julianday(min(received_at))) * 86400"
                " FROM inbox_event WHERE outcome IS NULL",
            ),
            "dead": one(db, "SELECT count(*) FROM inbox_event WHERE outcome = 'dead'"),
            "settled": len(settled),
            "age_p50": quantile(settled, 0.5),
            "age_p95": quantile(settled, 0.95),
            "age_max": settled[-1] if settled else None,
            "alarms": [row[0] for row in db.execute("SELECT name FROM alarm ORDER BY name")],
            "products": one(db, "SELECT count(*) FROM product WHERE deleted_at IS NULL"),
        }


def one(db: sqlite3.Connection, sql: str) -> Any:
    """Ask for a single value."""
    return db.execute(sql).fetchone()[0]


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Give the value below which that share lies."""
    return round(ordered[int(share * (len(ordered) - 1))], 3) if ordered else None


def count_runs(api_url: str) -> Json:
    """Ask Prefect for its runs by flow and state; only what is there."""
    found: Json = {}
    for flow in FLOWS:
        for state in STATES:
            body = {
                "flows": {"name": {"any_": [flow]}},
                "flow_runs": {"state": {"type": {"any_": [state]}}},
            }
            count = post(f"{api_url}/flow_runs/count", body)
            if count:
                found[f"{flow} {state.lower()}"] = count
    return found


def post(url: str, body: Json) -> Any:
    """Send JSON and read JSON."""
    request = urllib.request.Request(  # noqa: S310 - http, on this machine
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - same
        return json.load(answer)


def split_database(file: Path) -> Json:
    """Tell which tables and indexes fill a database, in bytes; the largest twenty."""
    sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 20"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        free = db.execute("PRAGMA freelist_count").fetchone()[0]
        return {**dict(db.execute(sql).fetchall()), "(free)": free * 4096}


def deliveries_answered(port: int) -> list[str]:
    """Read the receiver's own count of answers, where it shows one."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
    except (urllib.error.URLError, OSError):
        return []
    return [line for line in lines if "deliver" in line and not line.startswith("#")][:40]
