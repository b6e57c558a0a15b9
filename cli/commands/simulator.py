"""`akeneo-sync simulator`: every field of `SimulatorConfig` and `Faults` is an option."""

from collections.abc import Iterator
from dataclasses import fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from cli.guard import CommandError
from simulator.config import Faults, SimulatorConfig
from simulator.serve import run_simulator
from simulator.store import ShopNotKept


def run(**options: Any) -> None:
    """Serve the simulated PIM until it is stopped."""
    faults = Faults(**{each.name: options.pop(each.name) for each in fields(Faults)})
    config = SimulatorConfig(**options, faults=faults)
    if config.webhook_url is not None and config.webhook_secret is None:
        raise typer.BadParameter("--webhook-url needs --webhook-secret, which signs deliveries")
    try:
        run_simulator(config, announce=lambda address: typer.echo(f"simulated PIM at {address}"))
    except ShopNotKept as error:
        raise CommandError(
            f"{error}; stop what has it, or name another file with --shop"
        ) from error
    except OSError as error:
        raise CommandError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror}"
        ) from error


def _options(settings: type[SimulatorConfig | Faults]) -> Iterator[Parameter]:
    """Describe an option for each field that says what it is, in Typer's terms."""
    hints = get_type_hints(settings, include_extras=True)
    for each in fields(settings):
        if get_origin(hints[each.name]) is not Annotated:
            continue  # `faults`: its fields are options themselves
        kind, about = get_args(hints[each.name])
        option = typer.Option(
            min=about.least,
            max=about.most,
            envvar=about.variable,
            metavar="FILE" if Path in get_args(kind) else None,
            help=about.text,
        )
        yield Parameter(
            each.name,
            Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=Annotated[kind, option],
        )


# Typer reads a command's options off its signature.
_SIGNATURE = Signature([*_options(SimulatorConfig), *_options(Faults)])
run.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
run.__annotations__ = {each.name: each.annotation for each in _SIGNATURE.parameters.values()}
