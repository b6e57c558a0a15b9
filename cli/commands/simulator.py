"""`akeneo-sync simulator`: every field of `SimulatorConfig` and `Faults` is an option."""

from pathlib import Path
from typing import Annotated

import typer

from cli.guard import CommandError
from simulator.config import Edition, Faults, SimulatorConfig
from simulator.serve import run_simulator
from simulator.store import ShopNotKept

_CONFIG = SimulatorConfig()
_FAULTS = Faults()


def run(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = _CONFIG.host,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes any free one.")
    ] = _CONFIG.port,
    products: Annotated[
        int, typer.Option(min=0, help="How many simple products it has.")
    ] = _CONFIG.products,
    models: Annotated[
        int, typer.Option(min=0, help="Root models beside them, with about four variants each.")
    ] = _CONFIG.models,
    seed: Annotated[int, typer.Option(help="Decides catalogue, edits and faults.")] = _CONFIG.seed,
    client_id: Annotated[str, typer.Option(help="Credentials it accepts.")] = _CONFIG.client_id,
    client_secret: Annotated[
        str, typer.Option(envvar="SIMULATOR_CLIENT_SECRET", help="Credentials it accepts.")
    ] = _CONFIG.client_secret,
    username: Annotated[str, typer.Option(help="Credentials it accepts.")] = _CONFIG.username,
    password: Annotated[
        str, typer.Option(envvar="SIMULATOR_PASSWORD", help="Credentials it accepts.")
    ] = _CONFIG.password,
    token_seconds: Annotated[
        float, typer.Option(min=0.1, help="How long a token of its lives.")
    ] = _CONFIG.token_seconds,
    app_token: Annotated[
        str | None, typer.Option(help="An App's access token that it accepts.")
    ] = _CONFIG.app_token,
    webhook_url: Annotated[
        str | None, typer.Option(help="Where deliveries go; without it nobody is told.")
    ] = _CONFIG.webhook_url,
    webhook_secret: Annotated[
        str | None,
        typer.Option(envvar="SIMULATOR_WEBHOOK_SECRET", help="The secret that signs deliveries."),
    ] = _CONFIG.webhook_secret,
    webhook_use_uuid: Annotated[
        bool, typer.Option(help="The subscription's toggle: products by uuid.")
    ] = _CONFIG.webhook_use_uuid,
    webhook_timeout_seconds: Annotated[
        float, typer.Option(min=0.01, help="How long a delivery waits for its answer.")
    ] = _CONFIG.webhook_timeout_seconds,
    webhook_concurrency: Annotated[
        int, typer.Option(min=1, help="Deliveries under way at one time.")
    ] = _CONFIG.webhook_concurrency,
    requests_per_hour: Annotated[
        int | None, typer.Option(min=1, help="Deliveries an hour, then silence, as PIMs do.")
    ] = _CONFIG.requests_per_hour,
    identifier_only: Annotated[
        bool, typer.Option(help="Speak as PIM 5 and 6 do: no uuids.")
    ] = _CONFIG.identifier_only,
    edits_per_second: Annotated[
        float, typer.Option(min=0.0, help="Edits made by itself; 0 makes none.")
    ] = _CONFIG.edits_per_second,
    index_lag_seconds: Annotated[
        float, typer.Option(min=0.0, help="How far searches stay behind single reads.")
    ] = _CONFIG.index_lag_seconds,
    page_latency_seconds: Annotated[
        float, typer.Option(min=0.0, help="How long a page of products takes at least.")
    ] = _CONFIG.page_latency_seconds,
    timezone: Annotated[
        str, typer.Option(help="Where it reads the local times of product filters.")
    ] = _CONFIG.timezone,
    public_url: Annotated[
        str | None, typer.Option(help="The address it calls itself by.")
    ] = _CONFIG.public_url,
    edition: Annotated[
        Edition, typer.Option(help="CE, or EE with reference entities and assets.")
    ] = _CONFIG.edition,
    records: Annotated[
        int, typer.Option(min=0, help="Records of an Enterprise PIM.")
    ] = _CONFIG.records,
    assets: Annotated[
        int, typer.Option(min=0, help="Assets of an Enterprise PIM.")
    ] = _CONFIG.assets,
    every_type: Annotated[
        bool, typer.Option(help="Attributes of every type, in any edition.")
    ] = _CONFIG.every_type,
    saas: Annotated[
        bool, typer.Option(help="Values say what only the cloud says of them.")
    ] = _CONFIG.saas,
    version: Annotated[
        str | None, typer.Option(help="The version that it tells of itself.")
    ] = _CONFIG.version,
    most_items: Annotated[
        int, typer.Option(min=1, max=100, help="Items that a page by cursor has at most.")
    ] = _CONFIG.most_items,
    shop: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the shop is kept between starts; otherwise in memory."
        ),
    ] = _CONFIG.shop,
    drop: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of deliveries that is lost.")
    ] = _FAULTS.drop,
    repeat: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of deliveries that comes twice.")
    ] = _FAULTS.repeat,
    shuffle: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of deliveries that is overtaken.")
    ] = _FAULTS.shuffle,
    delay: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of deliveries that comes late.")
    ] = _FAULTS.delay,
    forge: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of harmful deliveries added.")
    ] = _FAULTS.forge,
    shuffle_window_seconds: Annotated[
        float, typer.Option(min=0.0, help="How long an overtaken delivery is held.")
    ] = _FAULTS.shuffle_window_seconds,
    delay_seconds: Annotated[
        float, typer.Option(min=0.0, help="How late a late delivery is.")
    ] = _FAULTS.delay_seconds,
) -> None:
    """Serve the simulated PIM until it is stopped."""
    config = SimulatorConfig(
        host=host,
        port=port,
        products=products,
        models=models,
        seed=seed,
        client_id=client_id,
        client_secret=client_secret,
        username=username,
        password=password,
        token_seconds=token_seconds,
        app_token=app_token,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        webhook_use_uuid=webhook_use_uuid,
        webhook_timeout_seconds=webhook_timeout_seconds,
        webhook_concurrency=webhook_concurrency,
        requests_per_hour=requests_per_hour,
        identifier_only=identifier_only,
        edits_per_second=edits_per_second,
        index_lag_seconds=index_lag_seconds,
        page_latency_seconds=page_latency_seconds,
        timezone=timezone,
        public_url=public_url,
        edition=edition,
        records=records,
        assets=assets,
        every_type=every_type,
        saas=saas,
        version=version,
        most_items=most_items,
        shop=shop,
        faults=Faults(
            drop=drop,
            repeat=repeat,
            shuffle=shuffle,
            delay=delay,
            forge=forge,
            shuffle_window_seconds=shuffle_window_seconds,
            delay_seconds=delay_seconds,
        ),
    )
    if webhook_url is not None and webhook_secret is None:
        raise typer.BadParameter("--webhook-url needs --webhook-secret, which signs deliveries")
    try:
        run_simulator(config, announce=_announce)
    except ShopNotKept as error:
        raise CommandError(
            f"{error}; stop what has it, or name another file with --shop"
        ) from error
    except OSError as error:
        raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _announce(address: str) -> None:
    typer.echo(f"simulated PIM at {address}")
