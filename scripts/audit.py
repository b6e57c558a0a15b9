"""Audit of every pinned package by the advisory database: known vulnerabilities fail.

Where the database cannot be reached, that is said in one line and nothing fails: what could not be
checked is no finding.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
_AUDIT_SECONDS = 600.0

ACCEPTED: Mapping[str, str] = {}
"""Advisories that do not touch us, by their id, each with the reason."""


def run_audit() -> Mapping[str, Any] | None:
    """Run pip-audit over the lock, hashes required; None if it could not finish."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--disable-pip"]
    command += ["--require-hashes", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(  # noqa: S603 - our own command line
        command, capture_output=True, text=True, check=False, timeout=_AUDIT_SECONDS
    )
    try:
        report: Mapping[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return report


def list_findings(report: Mapping[str, Any], accepted: Mapping[str, str]) -> list[str]:
    """Return a line for each advisory that is not accepted."""
    return [
        f"{package['name']} {package['version']}: {advisory['id']}, {_cure(advisory)}"
        for package in report.get("dependencies", [])
        for advisory in package.get("vulns", [])
        if not accepted.keys() & {advisory["id"], *advisory.get("aliases", [])}
    ]


def count_unchecked(report: Mapping[str, Any]) -> int:
    """Count the packages that the database does not know: all of them where it is out of reach."""
    return sum("skip_reason" in package for package in report.get("dependencies", []))


def _cure(advisory: Mapping[str, Any]) -> str:
    fixed: Sequence[str] = advisory.get("fix_versions", [])
    return f"fixed in {', '.join(fixed)}" if fixed else "not fixed yet"


def main() -> int:
    """Audit; 1 if a known vulnerability is pinned."""
    report = run_audit()
    packages = len(report["dependencies"]) if report else 0
    checked = packages - count_unchecked(report) if report else 0
    if report is None or checked == 0:
        print("audit: the advisory database cannot be asked from here; nothing was checked")
        return 0
    findings = list_findings(report, ACCEPTED)
    for line in findings:
        print(f"audit: {line}")
    print(f"audit: {checked} of {packages} packages checked, {len(findings)} vulnerabilities known")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
