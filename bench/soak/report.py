"""Report on a soak's samples: slopes, extrapolations."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.soak.samples import Json, quantile

WARM_UP = 900.0  # seconds; until then caches fill and the first reconcile fills the store


def report(folder: Path) -> Json:
    """Work out slopes and extrapolations from the samples, print them, and return them."""
    lines = (folder / "samples.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines]
    warm = [each for each in samples if each["seconds"] > WARM_UP] or samples
    result = {
        "hours": round(samples[-1]["seconds"] / 3600, 2),
        "samples": len(samples),
        "processes": {role: describe_role(warm, role) for role in roles_of(samples)},
        "files": {name: describe_file(warm, name) for name in samples[-1]["bytes"]},
        "received": describe_received(samples),
        "runs": samples[-1]["runs"],
        "alarms": sorted({name for each in samples for name in each["store"].get("alarms", [])}),
        "prefect_split": next((s["split"] for s in reversed(samples) if "split" in s), {}),
    }
    print(json.dumps(result, indent=1))
    return result


def roles_of(samples: Sequence[Json]) -> list[str]:
    """List the roles that were seen."""
    return sorted({each["role"] for sample in samples for each in sample["processes"]})


def describe_role(samples: Sequence[Json], role: str) -> Json:
    """Memory, threads and files of one role: first, last, and the slope an hour."""
    seen = [
        (sample["seconds"] / 3600, each)
        for sample in samples
        for each in sample["processes"]
        if each["role"] == role
    ]
    if not seen:
        return {}
    (_, first), (_, last) = seen[0], seen[-1]
    hours = max(1e-9, seen[-1][0] - seen[0][0])
    return {
        "pids": len({each["pid"] for _, each in seen}),
        **{
            what: {
                "first": first[what],
                "last": last[what],
                "most": max(each[what] for _, each in seen),
                "per_hour": slope([(at, each[what]) for at, each in seen]),
            }
            for what in ("rss_mb", "threads", "files")
        },
        "cores": round((last["cpu_s"] - first["cpu_s"]) / hours / 3600, 3),
    }


def describe_file(samples: Sequence[Json], name: str) -> Json:
    """One file's size and growth."""
    sizes = [(each["seconds"] / 3600, each["bytes"].get(name, 0) / 1e6) for each in samples]
    growth = slope(sizes)
    return {"mb": round(sizes[-1][1], 1), "mb_per_hour": growth, "mb_per_day": round(growth * 24)}


def describe_received(samples: Sequence[Json]) -> Json:
    """Deliveries, events, ages."""
    stores = [each["store"] for each in samples if "error" not in each["store"]]
    if not stores:
        return {}
    hours = samples[-1]["seconds"] / 3600
    last = stores[-1]
    return {
        "deliveries": last["deliveries"],
        "deliveries_per_second": round(last["deliveries"] / hours / 3600, 3),
        "events": last["events"],
        "refused": last["refused"],
        "dead": last["dead"],
        "due_most": max(each["due"] for each in stores),
        "oldest_due_most": max(each["oldest_due"] or 0 for each in stores),
        "age_p50_median": middle([each["age_p50"] for each in stores]),
        "age_p95_median": middle([each["age_p95"] for each in stores]),
        "age_most": max(each["age_max"] or 0 for each in stores),
        "answered": samples[-1]["answered"],
    }


def middle(values: Sequence[float | None]) -> float | None:
    """Give the median of what is there."""
    return quantile(sorted(each for each in values if each is not None), 0.5)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Fit a straight line; its rise per unit."""
    count = len(points)
    mean_x, mean_y = (sum(axis) / count for axis in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return 0.0
    rise: float = round(sum((x - mean_x) * (y - mean_y) for x, y in points) / spread, 3)
    return rise
