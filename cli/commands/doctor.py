"""`akeneo-sync doctor`."""

from functools import partial
from typing import Annotated

import typer

from cli.checks import address, configuration, database, prefect_server, receiver, source
from cli.checks.finding import Finding, Findings
from cli.checks.running import PartCheck, run_checks
from cli.doctor_view import findings_object, is_broken, show_findings
from cli.guard import DONE, NOT_DONE
from cli.output import open_console, print_json
from settings import Settings, SettingsError, install_masking, load_settings

SECONDS = 9.0


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


def examine(url: str | None) -> list[Finding]:
    """Run every check that the settings allow."""
    try:
        settings = load_settings()
    except SettingsError as error:
        found = Findings(configuration.PART)
        configuration.report_problems(error, found)
        return found.found
    install_masking(settings)
    return run_checks(list_checks(settings, url), seconds=SECONDS)


def list_checks(settings: Settings, url: str | None) -> list[PartCheck]:
    """Name the checks in the order in which they are shown."""
    return [
        PartCheck(configuration.PART, partial(configuration.check_settings, settings)),
        PartCheck(database.PART, partial(database.check_database, settings)),
        PartCheck(prefect_server.PART, partial(prefect_server.check_prefect, settings)),
        PartCheck(receiver.PART, partial(receiver.check_receiver, settings)),
        PartCheck(source.PART, partial(source.check_source, settings)),
        PartCheck(address.PART, partial(address.check_address, settings, url)),
    ]
