"""What needs a person, and what to do about it: pure."""

from dataclasses import dataclass
from datetime import datetime

from cli.output import say_count
from storage.status import Status


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs a person. `name` is stable; `advice` says what to do."""

    name: str
    text: str
    since: datetime | None
    advice: str


# What the layers that raise an alarm cannot know: which command of ours helps.
_ADVICE = {
    "prefect-unreachable": "start it, or check PREFECT_API_URL; deliveries are kept meanwhile",
    "deployment-missing": "run `akeneo-sync deploy`",
    "work-pool-paused": "resume the work pool in the Prefect UI",
    "no-worker": "start `akeneo-sync worker`",
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
    "disk": "make room on that disk, or shorten the SYNC_KEEP_ settings; without room, deliveries"
    " are refused and the PIM repeats none",
}
_DEFAULT_ADVICE = "look at the newest run in the Prefect UI"


def list_attention(status: Status) -> list[Attention]:
    """List the standing alarms, then what follows from the rest of the overview."""
    alarms = [
        Attention(alarm.name, alarm.text, alarm.since, _ADVICE.get(alarm.name, _DEFAULT_ADVICE))
        for alarm in status.alarms
    ]
    return [*alarms, *_list_derived(status)]


def _list_derived(status: Status) -> list[Attention]:
    found = []
    breaker = status.breaker
    if breaker.failing_since is not None:
        text = f"the PIM fails ({say_count(breaker.failures, 'try', 'tries')}): {breaker.reason}"
        advice = "nothing is lost, events stay due; check the PIM's address, login and health"
        found.append(Attention("source-failing", text, breaker.failing_since, advice))
    if status.inbox.dead:
        text = say_count(status.inbox.dead, "dead letter")
        advice = "look with `akeneo-sync events --outcome dead`, then `replay` or `discard` them"
        found.append(Attention("dead-letters", text, None, advice))
    if status.products.held_deletions:
        text = f"{say_count(status.products.held_deletions, 'deletion')} held"
        advice = (
            "look with `akeneo-sync approve`, then delete or keep them; products that are in the "
            "PIM show that the connection lost rights: given back, a reconcile keeps them by itself"
        )
        found.append(Attention("held-deletions", text, None, advice))
    return found
