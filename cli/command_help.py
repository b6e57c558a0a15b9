"""Help of the commands, in the order of `--help`: what each does, how it is called, how it ends.

Kept apart from the commands' modules, so that `--help` imports none of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """A command's place and help. `module` is imported when the command is called.

    `endings` are its exit codes beside the common ones (0, 1 and 2). `parts` are sub-commands,
    found by name in the module's `PARTS`. `folder`: where the module is, below `cli/commands`.
    """

    name: str
    summary: str
    details: str
    examples: tuple[str, ...]
    endings: tuple[str, ...] = ()
    parts: tuple["CommandEntry", ...] = ()
    folder: str = ""

    @property
    def module(self) -> str:
        """The module whose `run` is the command."""
        return ".".join(filter(None, ("cli.commands", self.folder, self.name)))

    @property
    def help(self) -> str:
        r"""The whole help text; \b keeps the lines of a block as they are."""
        examples = "\n".join(f"  akeneo-sync {example}" for example in self.examples)
        endings = "\n".join(f"  {ending}" for ending in (*_COMMON_ENDINGS, *self.endings))
        return (
            f"{self.summary}\n\n{self.details}\n\n"
            f"\b\nExamples:\n{examples}\n\n\b\nExit codes:\n{endings}"
        )


_COMMON_ENDINGS = (
    "0  done",
    "1  could not be done; one line on stderr says why and what to do",
    "2  wrong usage",
)

_SUBSCRIPTIONS = (
    CommandEntry(
        "list",
        "List the subscribers and subscriptions of this connection.",
        "The platform shows no other connection's, and none that is revoked or deleted.",
        ("subscriptions list", "subscriptions list --json"),
    ),
    CommandEntry(
        "show",
        "Show one subscription: its status, events, and where it delivers.",
        "Secrets and the values of headers cannot be read back.",
        ("subscriptions show", "subscriptions show ID --json"),
    ),
    CommandEntry(
        "create",
        "Make the subscription by which this receiver is told.",
        "Makes a subscriber, unless there is one of that name, and one subscription to "
        "SYNC_PUBLIC_URL/webhooks/event-platform with every event type that is of use, signed with "
        "AKENEO_EVENT_PLATFORM_SECRETS. Where AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET is set, a "
        "suspension is told to the receiver too. Shows what it will do, and asks.",
        (
            "subscriptions create --email ops@example.com",
            'subscriptions create --email ops@example.com --events "product.*,product-model.*"',
        ),
    ),
    CommandEntry(
        "update",
        "Bring a subscription to what settings and options say.",
        "Sends all that is ours, the secrets of the settings included. Events stay as they are "
        "without --events. Shows what it will do, and asks.",
        ('subscriptions update --events "*"', "subscriptions update --email ops@example.com"),
    ),
    CommandEntry(
        "suspend",
        "Suspend a subscription: nothing is delivered until it is resumed.",
        "What happens meanwhile is not delivered later; once it is active again, a full sweep "
        "finds it.",
        ("subscriptions suspend",),
    ),
    CommandEntry(
        "resume",
        "Resume a suspended subscription.",
        "First mend what suspended it: `subscriptions logs` says what that was. One that is "
        "resumed too often may be revoked.",
        ("subscriptions resume",),
    ),
    CommandEntry(
        "delete",
        "Delete a subscription for good.",
        "With --subscriber its subscriber too, if that has no other subscription.",
        ("subscriptions delete", "subscriptions delete ID --subscriber"),
    ),
    CommandEntry(
        "rotate-secret",
        "Give a subscription the secrets that the settings have now.",
        "The first of AKENEO_EVENT_PLATFORM_SECRETS becomes the primary one, the second the "
        "secondary one. The receiver takes any of them, so a secret is changed in three steps, "
        "without losing an event: add the new one behind the old, swap them, remove the old; after "
        "each, restart the receiver, then rotate-secret, then wait some minutes.",
        ("subscriptions rotate-secret",),
    ),
    CommandEntry(
        "logs",
        "Show the platform's log: failed deliveries, and what was done.",
        "The platform keeps it for 30 days, and merges errors that are alike within 5 minutes.",
        ("subscriptions logs", "subscriptions logs --kind error --limit 10"),
    ),
)

_ENTRIES = (
    CommandEntry(
        "up",
        "Run everything on this machine until Ctrl-C.",
        "Migrates the store, then runs the receiver, the worker and, where PREFECT_API_URL is "
        "not set, a Prefect server. Without a PIM configured it plays the demo: a simulated PIM "
        "with a shop's products.",
        ("up",),
    ),
    CommandEntry(
        "receiver",
        "Run the receiver of the PIM's deliveries.",
        "Answers POST /webhooks/events-api and /webhooks/event-platform on SYNC_HOST:SYNC_PORT. "
        "Refuses to start where a PIM is configured without AKENEO_WEBHOOK_SECRETS or "
        "AKENEO_EVENT_PLATFORM_SECRETS.",
        ("receiver",),
    ),
    CommandEntry(
        "api",
        "Run the read API, by which shops follow the store.",
        "Answers GET /changes, /products and /structure on SYNC_API_HOST:SYNC_API_PORT to who has "
        "a token (`tokens create`); /openapi.json describes it. It writes nothing.",
        ("api",),
        folder="readers",
    ),
    CommandEntry(
        "worker",
        "Run a worker: it executes what Prefect schedules.",
        "Polls the work pool SYNC_WORK_POOL_NAME of the Prefect server. More workers are stand-by "
        "for the drain and share the sweeps.",
        ("worker",),
    ),
    CommandEntry(
        "deploy",
        "Make the work pool and the deployments known to Prefect.",
        "May be repeated; what is there already is brought up to date.",
        ("deploy",),
    ),
    CommandEntry(
        "migrate",
        "Create the store, or bring its tables up to date.",
        "May be repeated; a store that is current is left alone.",
        ("migrate",),
    ),
    CommandEntry(
        "simulator",
        "Run a simulated PIM, for trying things out.",
        "Speaks Akeneo's REST API and delivers signed events, by the Events API and by the Event "
        "Platform; the same seed makes the same products. Faults are rates from 0 to 1.",
        (
            "simulator --products 500",
            "simulator --edits-per-second 5 --webhook-url URL --webhook-secret SECRET",
            "simulator --platform-url URL --platform-primary-secret SECRET",
        ),
    ),
    CommandEntry(
        "reconcile",
        "Compare the PIM with the store, and repair the store.",
        "Reads what changed since the last sweep; with --full every product, model and list; "
        "with --key a single product. Runs in this process, and shows up in Prefect where its "
        "server can be reached.",
        ("reconcile", "reconcile --full", "reconcile --full --dry-run", "reconcile --key SKU-1"),
        ("3  --dry-run found drift",),
    ),
    CommandEntry(
        "status",
        "Show how the sync is doing, and what needs a person.",
        "Reads the store only: it waits neither for the PIM nor for Prefect.",
        ("status", "status --json | jq .inbox.due"),
    ),
    CommandEntry(
        "doctor",
        "Check every part, and say what to do about each.",
        "Settings, database, Prefect, worker, receiver, PIM: reachable, allowed, in step. Asks the "
        "PIM and takes at most some ten seconds. With --url it tries the receiver's public "
        "address as the PIM would. Ends with 1 if something is broken; warnings are allowed.",
        ("doctor", "doctor --json", "doctor --url https://hooks.example.com/webhooks/events-api"),
    ),
    CommandEntry(
        "why",
        "Tell of one product why it looks as it does.",
        "Shows in one timeline the deliveries that named it, what was decided and why, the runs, "
        "and the changes; then what happens next. KEY is a uuid or an identifier, in upper or "
        "lower case.",
        ("why SKU-1", "why 7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10 --json"),
    ),
    CommandEntry(
        "export",
        "Write the stored products as NDJSON or a table to stdout.",
        'Each object holds "key", "uuid", "identifier", "updated", "deleted", "source" and '
        '"document"; numbers stand as the PIM wrote them. Filters may be repeated: a product is '
        "in it that has one of each kind named; a category has those below it, too, and a channel "
        'those of its category tree. Where values are left out, "source" is null. In a table the '
        "columns are spelled as in the PIM's own exports: description-en_US-print, price-EUR, "
        "weight-unit.",
        (
            "export > products.ndjson",
            "export --position > shop.ndjson",
            "export --channel ecommerce --locale en_US --category lamps > shop.ndjson",
            "export --format csv --column name-en_US --column price-EUR > products.csv",
            "export --format parquet > products.parquet",
            "export --tombstones | jq -r 'select(.deleted) | .key'",
        ),
        folder="readers",
    ),
    CommandEntry(
        "changes",
        "Write what changed after a position, as NDJSON to stdout.",
        'Each line holds "seq", "key", "identifier", "change", "cause", "run_id", "at" and '
        '"changed"; go on from the last "seq" that you have dealt with. The first position is that '
        "of an export (--position); docs/follow-the-store.md has recipes. Filters are those of "
        'export; a product that is outside of them now has the change "outside", and is gone for '
        "this reader.",
        (
            "changes --after 1040",
            "changes --after 1040 --documents --follow",
            "changes --after 1040 --documents --channel ecommerce --family lamps",
        ),
        ("3  changes after SEQ are not kept any more: begin with an export",),
        folder="readers",
    ),
    CommandEntry(
        "events",
        "List received events, newest first.",
        "--outcome takes due, held, or an outcome: applied, unchanged, outdated, covered, "
        "coalesced, gone, filtered, dead.",
        ("events", "events --outcome dead", "events --outcome due --limit 500 --json"),
    ),
    CommandEntry(
        "tokens",
        "Make, list or revoke tokens of the read API.",
        "A token is shown once, on stdout; the store keeps a hash of it. A revoked one is refused "
        "within seconds.",
        ("tokens create webshop", "tokens list", "tokens revoke webshop"),
        folder="readers",
    ),
    CommandEntry(
        "replay",
        "Put dead letters back as due.",
        "They are tried again with a fresh count of attempts.",
        ("replay EVENT_ID", "replay --all"),
    ),
    CommandEntry(
        "discard",
        "Take dead letters off the list, with a note that stays.",
        "A discarded event is kept with its reason and the note, and is not tried again.",
        ('discard EVENT_ID --note "test product"', 'discard --all --note "old import"'),
    ),
    CommandEntry(
        "approve",
        "Decide on held deletions: delete, or keep with --reject.",
        "Without a KEY or --all it lists them, and asks where a person can answer. Each product "
        "is read again from the PIM before it is deleted.",
        ("approve", "approve SKU-1 SKU-2", "approve --all", "approve --all --reject"),
    ),
    CommandEntry(
        "subscriptions",
        "See and change the Event Platform's subscriptions.",
        "Asks the Event Platform of Akeneo's cloud as the connection of the settings. Each change "
        "is shown first, and asked about. docs/event-platform.md tells how to move there.",
        ("subscriptions list", "subscriptions create --email ops@example.com"),
        parts=_SUBSCRIPTIONS,
    ),
)

COMMANDS = {entry.name: entry for entry in _ENTRIES}
