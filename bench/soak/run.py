"""Soak: everything runs for hours, and what grows is seen.

Starts `akeneo-sync up` (the demo at its own pace) with all its data in a folder, and every half
minute writes a line of figures to FOLDER/samples.jsonl: memory, threads and open files of each
process, the sizes of the files, what was received, how old it is, alarms, Prefect's runs by state.
At the end it stops `up`, looks for processes left behind, and writes FOLDER/soak.json.

    python -m bench.soak.run FOLDER [--hours 2] [--port 8105] [--prefect-port 4305]
    python -m bench.soak.run FOLDER --saves 1.1 the most a PIM sends: so many saves of ten products
    python -m bench.soak.run FOLDER --report    what the samples say so far; also while it runs

Linux only: the figures of processes come from /proc.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from bench.soak.load import BulkSaves
from bench.soak.report import report
from bench.soak.samples import (
    measure_process,
    processes_of,
    split_database,
    take_sample,
    tried,
    utc_text,
)

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("akeneo-sync")
SPLIT_EVERY = 20  # samples between two looks at what fills Prefect's database
STOP_SECONDS = 60.0


def run(
    folder: Path, *, hours: float, interval: float, port: int, prefect_port: int, saves: float
) -> int:
    """Run `up` for that long, sampling; then stop it and report."""
    folder.mkdir(parents=True, exist_ok=True)
    env = {
        **os.environ,  # noqa: TID251 - the child's, with ours laid over it
        "SYNC_PORT": str(port),
        "SYNC_API_PORT": str(port + 10),
        "SYNC_DATABASE_URL": f"sqlite:///{folder}/store.db",
        "PREFECT_SERVER_API_PORT": str(prefect_port),
        "PREFECT_HOME": f"{folder}/prefect",
    }
    with (folder / "up.log").open("ab") as log:
        up = subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "up"], env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if saves:
        BulkSaves(folder / "up.log", saves).start()
    try:
        watch(folder, up, hours=hours, interval=interval, port=port, prefect_port=prefect_port)
    finally:
        up.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            up.wait(STOP_SECONDS)
        end(folder, up)
    return 0


def watch(
    folder: Path,
    up: "subprocess.Popen[bytes]",
    *,
    hours: float,
    interval: float,
    port: int,
    prefect_port: int,
) -> None:
    """Sample until the time is over, or `up` has ended by itself."""
    began = time.monotonic()
    since, number = utc_text(), 0
    with (folder / "samples.jsonl").open("a") as samples:
        while up.poll() is None and time.monotonic() - began < hours * 3600:
            time.sleep(interval)  # noqa: TID251 - a script of its own, and nothing else to do
            now = utc_text()
            sample = {"at": now, "seconds": round(time.monotonic() - began, 1)}
            sample |= take_sample(folder, since, port, prefect_port)
            if number % SPLIT_EVERY == 0:
                sample["split"] = tried(split_database, folder / "prefect" / "prefect.db")
            samples.write(json.dumps(sample) + "\n")
            samples.flush()
            since, number = now, number + 1


def end(folder: Path, up: "subprocess.Popen[bytes]") -> None:
    """Look for what was left behind, and write the result."""
    orphans = [measure_process(pid) for pid in processes_of(folder)]
    result = report(folder) | {"exit_code": up.returncode, "orphans": [o for o in orphans if o]}
    (folder / "soak.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({"exit_code": up.returncode, "orphans": result["orphans"]}))


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between samples")
    parser.add_argument("--port", type=int, default=8105)
    parser.add_argument("--prefect-port", type=int, default=4305)
    parser.add_argument("--report", action="store_true", help="only read the samples")
    parser.add_argument("--saves", type=float, default=0, help="a second, of ten products each")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.report:
        report(folder)
        return 0
    return run(
        folder,
        hours=options.hours,
        interval=options.interval,
        port=options.port,
        prefect_port=options.prefect_port,
        saves=options.saves,
    )


if __name__ == "__main__":
    sys.exit(main())
