"""`akeneo-sync simulator`: every field of `SimulatorConfig` and of what it holds is an option."""

from collections.abc import Iterator
from dataclasses import fields
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from cli.guard import CommandError
from simulator.config import EventPlatformConfig, Faults, SimulatorConfig
from simulator.platform import PlatformRefusal, check_ready_made
from simulator.serve import run_simulator
from simulator.store import ShopNotKept

_PLATFORM = "platform_"


def run(**options: Any) -> None:
    """Serve the simulated PIM until it is stopped."""
    faults = Faults(**{each.name: options.pop(each.name) for each in fields(Faults)})
    platform = EventPlatformConfig(
        **{each.name: options.pop(_PLATFORM + each.name) for each in fields(EventPlatformConfig)}
    )
    config = SimulatorConfig(**options, faults=faults, platform=platform)
    if config.webhook_url is not None and config.webhook_secret is None:
        raise typer.BadParameter("--webhook-url needs --webhook-secret, which signs deliveries")
    try:
        check_ready_made(config)
    except PlatformRefusal as error:
        raise typer.BadParameter(f"--platform-…: {error}") from error
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


def _options(
    settings: type[SimulatorConfig | Faults | EventPlatformConfig], prefix: str = ""
) -> Iterator[Parameter]:
    """Describe an option for each field that says what it is, in Typer's terms."""
    hints = get_type_hints(settings, include_extras=True)
    for each in fields(settings):
        if get_origin(hints[each.name]) is not Annotated:
            continue  # `faults`, `platform`: their fields are options themselves
        kind, about = get_args(hints[each.name])
        option = typer.Option(
            min=about.least,
            max=about.most,
            envvar=about.variable,
            metavar="FILE" if Path in get_args(kind) else None,
            help=about.text,
        )
        yield Parameter(
            prefix + each.name,
            Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=Annotated[kind, option],
        )


# Typer reads a command's options off its signature.
_SIGNATURE = Signature(
    [
        *_options(SimulatorConfig),
        *_options(Faults),
        *_options(EventPlatformConfig, _PLATFORM),
    ]
)
run.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
run.__annotations__ = {each.name: each.annotation for each in _SIGNATURE.parameters.values()}
