"""`akeneo-sync deploy`."""

import typer

from cli.guard import CommandError
from cli.opening import read_settings
from cli.output import printable
from deployments.deploy import deploy
from deployments.messages import DeployError, DeployReport


def run() -> None:
    """Declare work pool and deployments, and say what changed."""
    try:
        report = deploy(read_settings())
    except DeployError as error:
        raise CommandError(str(error)) from error
    for line in describe_deploy(report):
        typer.echo(printable(line))


def describe_deploy(report: DeployReport) -> list[str]:
    """Return the report's lines: the work pool, then each kind of change with its names."""
    changes = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
    lines = [f"{kind}: {', '.join(names)}" for kind, names in changes.items() if names]
    automation = "brought up to date" if report.automation_changed else "unchanged"
    return [f"work pool: {report.work_pool}", *lines, f"heartbeat automation: {automation}"]
