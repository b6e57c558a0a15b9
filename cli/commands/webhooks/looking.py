"""`akeneo-sync webhooks list` and `test`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.commands.webhooks.naming import Name, require_webhook
from cli.guard import CommandError
from cli.opening import opened_store, read_settings
from cli.output import (
    add_row,
    iso,
    open_console,
    open_table,
    print_json,
    printable,
    say_ago,
    say_instant,
)
from flows.notifying import Answer, HttpPost, make_ping
from pim.json_types import JsonObject
from settings import hide_also
from storage.products import read_bounds
from storage.webhooks import Webhook, WebhookState, list_webhooks


def run_list(
    *, as_json: Annotated[bool, typer.Option("--json", help="As one JSON array.")] = False
) -> None:
    """List the webhooks, with where each is and how it goes."""
    with opened_store(read_settings()) as store, store.read() as tx:
        webhooks = list_webhooks(tx)
        _, end = read_bounds(tx)
    if as_json:
        print_json([_as_json(each, end) for each in webhooks])
        return
    if not webhooks:
        typer.echo("no webhooks; `akeneo-sync webhooks add NAME URL`")
        return
    now = datetime.now(UTC)
    table = open_table("name", "state", "position", "of", "confirmed", "problem", "url")
    for each in webhooks:
        confirmed = say_ago(each.confirmed_at, now=now) if each.confirmed_at else "never"
        state, problem = describe_state(each, now=now), each.problem or ""
        add_row(table, each.name, state, str(each.position), str(end), confirmed, problem, each.url)
    open_console().print(table)


def describe_state(webhook: Webhook, *, now: datetime) -> str:
    """Say whether anything is sent, and if not, since when or until when."""
    if webhook.state is not WebhookState.ACTIVE:
        return f"{webhook.state} since {say_instant(webhook.since, now=now)}"
    if webhook.not_before is not None and webhook.failing_since is not None:
        since = say_instant(webhook.failing_since, now=now)
        later = say_ago(webhook.not_before, now=now) if webhook.not_before > now else "now"
        return f"fails since {since}, next try {later}"
    return webhook.state


def run_test(name: Name) -> None:
    """Send a ping, whatever state it is in, and say what came back."""
    with opened_store(read_settings()) as store:
        webhook = require_webhook(store, name)
    hide_also(webhook.hidden_parts(datetime.now(UTC)))
    answer = asyncio.run(_ping(webhook))
    if not answer.is_confirmed:
        raise CommandError(printable(f"{name} has not confirmed: {answer.words}; {_cure(answer)}"))
    typer.echo(f"{name} confirmed with {answer.status}")


async def _ping(webhook: Webhook) -> Answer:
    now = datetime.now(UTC)
    async with HttpPost() as post:
        return await post(webhook, make_ping(webhook, now=now), at=now)


def _cure(answer: Answer) -> str:
    if answer.status is None:
        return "check the address, and that the shop's receiver runs"
    if answer.status in (400, 401, 403):
        return "check that the shop has this webhook's secret, and checks the body as it came"
    return "look at the log of the shop's receiver"


def _as_json(webhook: Webhook, end: int) -> JsonObject:
    return {
        "name": webhook.name,
        "url": webhook.url,
        "state": webhook.state,
        "since": iso(webhook.since),
        "documents": webhook.documents,
        "most": webhook.most,
        "position": webhook.position,
        "end": end,
        "confirmed_at": iso(webhook.confirmed_at),
        "failures": webhook.failures,
        "failing_since": iso(webhook.failing_since),
        "next_try_at": iso(webhook.not_before),
        "problem": webhook.problem,
        "made_at": iso(webhook.made_at),
    }
