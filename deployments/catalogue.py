"""Catalogue of the deployments, for any work pool: each with its flow, schedule and parameters.

The parameter form that Prefect's UI shows comes from the flow's own signature and docstring.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

OUR_TAG = "akeneo-sync"  # on every deployment of ours; `deploy` removes those no longer declared


@dataclass(frozen=True, slots=True)
class Cron:
    """At the times of a cron line, in UTC."""

    line: str


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, this long after the last planned time."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """One deployment. `entrypoint` is the module path of an async flow.

    `goes_on_after_stop`: a run stopped with its worker is scheduled again, and goes on where it
    was; else it ends as cancelled, because what it left undone is found by the next run anyway.
    """

    flow_name: str
    name: str
    entrypoint: str
    description: str
    tags: tuple[str, ...]
    schedule: Cron | Every | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    goes_on_after_stop: bool = False

    @property
    def full_name(self) -> str:
        """Return the name by which Prefect is asked for it: flow/deployment."""
        return f"{self.flow_name}/{self.name}"


PROCESS_INBOX = DeploymentSpec(
    flow_name="process-inbox",
    name="on-event",
    entrypoint="flows.process_inbox.process_inbox",
    description=(
        "Drains the inbox: takes the due events, reads the products they name from the PIM, and "
        "writes what is newer. Started by the receiver when a delivery has been stored; run it by "
        "hand when `akeneo-sync status` shows due events and no drain is open."
    ),
    tags=(OUR_TAG, "source:events"),
)

RECONCILE_FULL = DeploymentSpec(
    flow_name="reconcile",
    name="full",
    entrypoint="flows.reconcile.reconcile",
    description=(
        "Compares every product of the PIM with the store and repairs what differs, whatever "
        "events were lost. Nightly at 02:30 UTC. With `key`, compares one product only; with "
        "`dry_run`, reports and repairs nothing."
    ),
    tags=(OUR_TAG, "source:schedule"),
    schedule=Cron("30 2 * * *"),
    parameters={"full": True},
    goes_on_after_stop=True,
)

RECONCILE_DELTA = DeploymentSpec(
    flow_name="reconcile",
    name="delta",
    entrypoint="flows.reconcile.reconcile",
    description=(
        "Compares what the PIM says it changed since the last sweep, and repairs what lost events "
        "left behind. Every 10 minutes; deletions and hidden values are left to the full sweep."
    ),
    tags=(OUR_TAG, "source:schedule"),
    schedule=Every(timedelta(minutes=10)),
    parameters={"full": False},
)

HOUSEKEEPING = DeploymentSpec(
    flow_name="housekeeping",
    name="hourly",
    entrypoint="flows.housekeeping.housekeeping",
    description=(
        "Compresses the raw bodies of settled deliveries and drops them after a while, removes old "
        "settled events, changes and finished runs, and looks whether the disks have room left. "
        "Every hour; needs no PIM."
    ),
    tags=(OUR_TAG, "source:schedule"),
    schedule=Cron("50 * * * *"),  # not when the deltas and the nightly sweep begin
)

WATCH_SUBSCRIPTIONS = DeploymentSpec(
    flow_name="watch-subscriptions",
    name="every-3-minutes",
    entrypoint="flows.watch_subscriptions.watch",
    description=(
        "Looks how the Event Platform's subscriptions to this receiver are, and, after one was "
        "stopped, asks for the sweeps that find what was not delivered. Ends at once where the "
        "Event Platform is not used."
    ),
    tags=(OUR_TAG, "source:schedule"),
    schedule=Every(timedelta(minutes=3)),
)

NOTIFY_SHOPS = DeploymentSpec(
    flow_name="notify-shops",
    name="every-minute",
    entrypoint="flows.notify_shops.notify",
    description=(
        "Sends shops' webhooks (`akeneo-sync webhooks`) what changed after their position, signed, "
        "until nothing is left, 45 seconds at most. Drains ask for it when they have written; "
        "every minute it also finds what others wrote, and what is to be tried again. Ends at "
        "once where there is no webhook."
    ),
    tags=(OUR_TAG, "source:schedule"),
    schedule=Every(timedelta(minutes=1)),
)

DEPLOYMENTS: tuple[DeploymentSpec, ...] = (
    PROCESS_INBOX,
    RECONCILE_DELTA,
    RECONCILE_FULL,
    HOUSEKEEPING,
    WATCH_SUBSCRIPTIONS,
    NOTIFY_SHOPS,
)

# Entrypoints whose runs go on where they were, after their worker was stopped or killed.
RESUMED = tuple(spec.entrypoint for spec in DEPLOYMENTS if spec.goes_on_after_stop)
# Those that are begun again after their worker was killed. A drain that is stopped in good order
# gives back what it has taken; one that was killed keeps the door and its events from others.
BEGUN_AGAIN = (*RESUMED, PROCESS_INBOX.entrypoint)
