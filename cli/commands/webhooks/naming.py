"""Names of webhooks as a person gives them, and positions."""

from typing import Annotated, TypeAlias

import typer

from cli.guard import CommandError
from cli.output import parse_name, quoted
from storage import Store
from storage.webhooks import Webhook, find_webhook

Name: TypeAlias = Annotated[
    str, typer.Argument(help="Which one.", callback=parse_name, show_default=False)
]
LAST_POSITION = 2**63 - 1


def require_webhook(store: Store, name: str) -> Webhook:
    """Return the webhook of that name.

    Raises:
        CommandError: there is none.
    """
    with store.read() as tx:
        found = find_webhook(tx, name)
    if found is None:
        raise no_webhook(name)
    return found


def no_webhook(name: str) -> CommandError:
    """What a command ends with where there is none of that name."""
    return CommandError(f"no webhook {quoted(name)}; `akeneo-sync webhooks list` shows all")
