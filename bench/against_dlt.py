"""The first full reconcile, from an empty store, against a dlt pipeline over the same pages.

dlt (https://dlthub.com) copies lists into tables: here products, models, records and assets, into
SQLite and into DuckDB, merged by key, nothing unnested. It makes no document, no change row and no
order of reads. Each way has a process of its own, against the same warm simulated PIM, in turns.

dlt is no part of this project: the pipeline runs by an interpreter that has it, which is named by
`--dlt-python`.

    python bench/against_dlt.py [--dlt-python .venv-dlt/bin/python] [--products 5000] [--models 500]
        [--records 1000] [--assets 1000] [--rounds 3]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.first_reconcile import (
    TOKEN,
    Turn,
    fill,
    median_turn,
    page_barely,
    read_config,
    simulated_pim,
    take_turns,
)
from simulator.config import SimulatorConfig

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "against_dlt.json"
PIPELINE = Path(__file__).parent / "support" / "dlt_pipeline.py"
DESTINATIONS = ("sqlite", "duckdb")
DEFAULT = ROOT / ".venv-dlt" / "bin" / "python"
MISSING = (
    "{python} has no dlt to measure against: make it by `python -m venv .venv-dlt && "
    ".venv-dlt/bin/pip install 'dlt[duckdb,sqlalchemy]'`, or name another by --dlt-python"
)


def has_dlt(python: Path) -> bool:
    """Whether this interpreter is there, and can load dlt with both destinations."""
    probe = "import dlt, duckdb, sqlalchemy"
    try:
        asked = subprocess.run(  # noqa: S603 - the interpreter that was named
            [python, "-c", probe], capture_output=True, check=False, cwd=ROOT
        )
    except OSError:
        return False
    return asked.returncode == 0


def pipe(python: Path, destination: str, pim_url: str) -> Turn:
    """Load an empty database by dlt, in a process and a folder of its own.

    Raises SystemExit with the last that it said, if it fails or brings no products.
    """
    with tempfile.TemporaryDirectory() as folder:
        quiet = {
            "HOME": folder,
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(  # noqa: S603 - the interpreter that was named
            [python, PIPELINE, pim_url, TOKEN, folder, destination],
            env={"HOME": folder, **quiet},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        raise SystemExit(f"dlt into {destination} ended with {done.returncode}: {last}")
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    if not figures.pop("rows"):
        raise SystemExit(f"dlt into {destination} stored no product")
    return Turn(**figures)


def measure(config: SimulatorConfig, rounds: int, python: Path) -> tuple[Turn, dict[str, Turn]]:
    """Ours, and dlt's by destination: each the median of so many turns."""
    ours: list[Turn] = []
    theirs: dict[str, list[Turn]] = {name: [] for name in DESTINATIONS}
    with simulated_pim(config) as pim_url:
        take_turns(page_barely, pim_url)  # the simulator writes each product down once
        for _ in range(rounds):
            ours.append(take_turns(fill, pim_url)[0])
            for name, turns in theirs.items():
                turns.append(pipe(python, name, pim_url))
    return median_turn(ours), {name: median_turn(turns) for name, turns in theirs.items()}


def main() -> None:
    """Measure, print, and keep the figures; without dlt, say how to get it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--dlt-python", type=Path, help=f"an interpreter that has dlt ({DEFAULT})")
    config, asked = read_config(parser)
    python: Path = asked.dlt_python or DEFAULT
    if not has_dlt(python):
        print(MISSING.format(python=python), file=sys.stderr)
        raise SystemExit(1 if asked.dlt_python else 0)  # `make bench` goes on without it
    ours, theirs = measure(config, asked.rounds, python.absolute())
    ratios = {name: {**ours.against(turn), **asdict(turn)} for name, turn in theirs.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    figures = {"products": config.products, "ours": asdict(ours), "dlt": ratios}
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"first full reconcile of {config.products} products: {ours.told()}")
    for name, turn in theirs.items():
        ratio = ratios[name]
        print(
            f"dlt into {name}: {turn.told()}: ratio {ratio['ratio']}, of CPU time "
            f"{ratio['cpu_ratio']}"
        )


if __name__ == "__main__":
    main()
