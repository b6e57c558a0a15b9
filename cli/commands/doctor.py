"""`akeneo-sync doctor`."""

from typing import Annotated

import typer

from cli.checks import examine, findings_object, is_broken, show_findings
from cli.guard import DONE, NOT_DONE
from cli.output import open_console, print_json


def run(
    *,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Try this address as the PIM would use it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, keys stable.")] = False,
) -> int:
    """Check every part, and say what to do."""
    findings = examine(url)
    if as_json:
        print_json(findings_object(findings))
    else:
        show_findings(open_console(), findings)
    return NOT_DONE if is_broken(findings) else DONE
