"""What needs a person, and what to do about it: pure."""

from dataclasses import dataclass
from datetime import datetime

from storage.status import Status


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs a person. `name` is stable; `advice` says what to do."""

    name: str
    text: str
    since: datetime | None
    advice: str


# What the layers that raise an alarm cannot know: which command of ours helps.
ADVICE = {
    "store-not-writable": "make room on its disk, or find who holds the lock or made it read-only;"
    " until then deliveries are refused and the PIM repeats none; `akeneo-sync doctor`",
    "sweep-fails": "`akeneo-sync reconcile --full` shows it again; a defect of ours has its"
    " traceback in the run's log in the Prefect UI, please report it; what was repaired stays",
    "sweep-overdue": "look in the Prefect UI whether the deployment's schedule is active and a"
    " worker takes its runs; at once: `akeneo-sync reconcile --full`",
    "watermark-stands": "`akeneo-sync reconcile --full` moves it where all could be compared; its"
    " report names the products that could not",
    "oldest-due": "events stay due and none is lost; `akeneo-sync doctor` looks at every part",
    "first-sweep": "`akeneo-sync reconcile --full` fills it",
    "worker-gone": "start `akeneo-sync worker`; nothing is processed until one runs",
    "work-queue-paused": "resume the queue, or raise its limit, in the Prefect UI",
    "deployment-paused": "raise the deployment's concurrency limit in the Prefect UI",
    "source-failing": "nothing is lost, events stay due; check the PIM's address, login and health",
    "dead-letters": "look with `akeneo-sync events --outcome dead`, then `replay` or `discard`"
    " them",
    "held-deletions": "look with `akeneo-sync approve`, then delete or keep them; products that are"
    " in the PIM show that the connection lost rights: given back, a reconcile keeps them by"
    " itself",
    "prefect-unreachable": "start it, or check PREFECT_API_URL; deliveries are kept meanwhile",
    "deployment-missing": "run `akeneo-sync deploy`",
    "work-pool-paused": "resume the work pool, or raise its limit, in the Prefect UI",
    "no-worker": "start `akeneo-sync worker`; if one runs, it is busy or looks at other queues",
    "search-index": "until it is rebuilt, deltas miss changes of these products, and full sweeps"
    " read them one by one",
    "source-nodes": "when the clocks agree, `akeneo-sync reconcile --full` finds what was missed",
    "silence": "press Test at the connection's event subscription in the PIM; `akeneo-sync doctor`"
    " says what the PIM needs to reach this receiver",
    "quota": "nothing is lost for long, deltas make up for it; fewer bulk edits an hour, or fewer"
    " connections with events, keep the PIM below its quota",
    "updated-filter": "set AKENEO_TIMEZONE to the PIM server's zone",
    "source-clock": "compare the clocks of the PIM's servers",
    "refused": "the next delta reads the changes they told of, the next full sweep finds deletions;"
    " at once: `akeneo-sync reconcile --full`",
    "short-list": "if it was deleted on purpose, run `akeneo-sync reconcile --full` once with"
    " SYNC_MAX_DELETE_SHARE=1 in its environment; else look at the connection's rights in the PIM",
    "housekeeping-fails": "its newest run in the Prefect UI says more; `akeneo-sync doctor` looks"
    " at Prefect, the database and the disks",
    "list-fails": "all else goes on; look at the answer that is quoted: rights of the connection,"
    " a firewall, the PIM's log. It ends by itself with the first sweep that can read the list",
    "request-refused": "nothing is lost, it only costs more calls: let these requests through the"
    " firewall, or have the PIM's search index looked at; a full reconcile asks again",
    "short-listing": "the next sweep lists all anew; if it stays, have the PIM's search index"
    " rebuilt (`bin/console pim:product:index --all`, `pim:product-model:index --all`)",
    "product-keys": "nothing: drains and sweeps finish it, and resume it wherever they stopped; at"
    " once: `akeneo-sync reconcile --full`",
    "source-identity": "check AKENEO_BASE_URL; another PIM, or an older version, needs a store of"
    " its own",
    "disk": "make room on that disk, or shorten the SYNC_KEEP_ settings; without room, deliveries"
    " are refused and the PIM repeats none",
}
_DEFAULT_ADVICE = "look at the newest run in the Prefect UI"


def list_attention(status: Status) -> list[Attention]:
    """List what needs a person, each with what to do."""
    return [
        Attention(need.name, need.text, need.since, ADVICE.get(need.name, _DEFAULT_ADVICE))
        for need in status.needs
    ]
