"""View of the findings: a table for people, an object for programs."""

from collections.abc import Sequence

from rich.console import Console

from cli.checks.finding import Finding, State
from cli.output import add_row, open_table, say_count
from pim.json_types import JsonObject, JsonValue

_SIGNS = {
    State.OK: "ok",
    State.NOTE: "--",
    State.WARNING: "WARNING",
    State.BROKEN: "BROKEN",
}


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print a line for each finding, what to do under it, and a last one that sums up.

    Not in a column of its own: most have none, and all must fit on one screen.
    """
    table = open_table("", "what", "how it is, and what to do")
    for finding in findings:
        what = f"{finding.part}: {finding.what}"
        add_row(table, _SIGNS[finding.state], what, finding.how)
        if finding.advice:
            add_row(table, "", "", f"-> {finding.advice}")
    console.print(table)
    console.print(describe_sum(findings))


def describe_sum(findings: Sequence[Finding]) -> str:
    """Say in one line how it stands."""
    broken = sum(finding.state is State.BROKEN for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    if broken:
        return f"{say_count(broken, 'thing')} broken, {say_count(warnings, 'warning')}"
    return f"nothing is broken, {say_count(warnings, 'warning')}"


def findings_object(findings: Sequence[Finding]) -> JsonObject:
    """Return the findings for `--json`; keys and `part`, `what`, `state` are stable."""
    checks: list[JsonValue] = [
        {
            "part": finding.part,
            "what": finding.what,
            "state": finding.state.value,
            "how": finding.how,
            "advice": finding.advice,
        }
        for finding in findings
    ]
    return {"ok": not is_broken(findings), "checks": checks}


def is_broken(findings: Sequence[Finding]) -> bool:
    """Tell whether something does not work; warnings are allowed."""
    return any(finding.state is State.BROKEN for finding in findings)
