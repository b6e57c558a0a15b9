"""The flow `process-inbox`: one drain, with a retried task each for reading and writing."""

from collections.abc import Sequence

import anyio
from prefect import flow, get_run_logger, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.drain import (
    ChunkOutcome,
    DrainReport,
    EnrichedChunk,
    Fence,
    FollowedModels,
    FollowedStructure,
    describe_drain,
    drain_inbox,
    enrich_chunk,
    follow_models,
    follow_structure,
    summarize_drain,
    upsert_chunk,
)
from flows.notifying import read_notify_key
from flows.prefect_tasks import RETRIED, ask_for_run, masked, publish, read_run_settings
from flows.run import LeaseLost, utc_now
from pim.ids import RunId
from storage import FenceLost
from storage.inbox import DoorAlive, DueEvent

ARTIFACT_KEY = "process-inbox"

NOTIFY = "notify-shops/every-minute"
"""The deployment; a test compares it with the catalogue."""

NOTIFY_TAG = "cause:drain"
_ASK_SECONDS = 5.0


class ChunkJob:
    """What the tasks of a chunk work on, and what a retry finds done.

    Opaque, so that Prefect does not walk through it.
    """

    def __init__(self, fence: Fence, events: Sequence[DueEvent]) -> None:
        self.fence = fence
        self.structure = FollowedStructure.of(events)
        self.followed = FollowedModels(events)


@task(task_run_name="enrich {label}", **RETRIED)
@masked
async def enrich(job: ChunkJob, label: str) -> EnrichedChunk:  # noqa: ARG001 - names the run
    """Read from the PIM what a chunk's events are about, and join it with its structure."""
    return await enrich_chunk(job.fence.session, job.followed.left)


@task(task_run_name="upsert {label}", **RETRIED)
@masked
async def upsert(
    job: ChunkJob,
    enriched: EnrichedChunk,
    label: str,  # noqa: ARG001 - names the run
) -> ChunkOutcome:
    """Write the products where what was read is newer, and settle the chunk's events."""
    return await upsert_chunk(job.fence, enriched)


@task(task_run_name="follow {label}", **RETRIED)
@masked
async def follow(job: ChunkJob, label: str) -> None:  # noqa: ARG001 - names the run
    """Read a chunk's product models and all their variants from the PIM, write, and settle."""
    await follow_models(job.fence, job.followed)


@task(task_run_name="mirror {label}", **RETRIED)
@masked
async def mirror(job: ChunkJob, label: str) -> None:  # noqa: ARG001 - names the run
    """Read a chunk's items of the structure, and render again the products that show them."""
    await follow_structure(job.fence, job.structure)


async def settle_chunk_in_tasks(fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
    """Mirror items, follow models, enrich and upsert: each a task run that says what it carries."""
    job = ChunkJob(fence, events)
    if items := len(job.structure.items):
        # First: what is read of products after it is rendered with it.
        await mirror(job, describe_load(0, 0, items))
    if models := len(job.followed.models):
        await follow(job, f"{describe_load(0, models)}, with variants")
    outcome = job.followed.outcome
    outcome.add(job.structure.outcome)
    if left := job.followed.left:
        outcome.add(await _settle_products(job, left))
    things = len({event.resource_key for event in events})
    counts = {each.value: count for each, count in outcome.outcomes.items()}
    fields = {"products": things, "models": models, "events": len(events), "outcomes": counts}
    label = f"{describe_load(things - models - items, models, items)} ({len(events)} events)"
    get_run_logger().info("%s: %s", label, describe_outcomes(outcome), extra=fields)
    await ask_to_notify(job.fence)
    return outcome


async def ask_to_notify(fence: Fence) -> None:
    """Ask for a run of `notify-shops` where shops wait for what was written, and none is at work.

    Where that fails, the schedule brings one within a minute.
    """
    try:
        key = await fence.session.read(read_notify_key, now=fence.session.now())
        if key is not None:
            with anyio.fail_after(_ASK_SECONDS):
                await ask_for_run(NOTIFY, tag=NOTIFY_TAG, key=key)
    except Exception as error:  # noqa: BLE001 - Prefect's client raises many kinds; see above
        get_run_logger().warning("shops are told by the schedule, within a minute: %s", error)


async def _settle_products(job: ChunkJob, events: Sequence[DueEvent]) -> ChunkOutcome:
    products = len({event.resource_key for event in events})
    label = f"{describe_load(products, 0)} ({len(events)} events)"
    enriched = await enrich(job, label)
    return await upsert(job, enriched, label)


def describe_load(products: int, models: int, items: int = 0) -> str:
    """Say `12 products, 1 model, 3 items of the structure`."""
    parts = [f"{products} product{'s' * (products != 1)}"] * bool(products or not (models or items))
    parts += [f"{models} model{'s' * (models != 1)}"] * bool(models)
    parts += [f"{items} item{'s' * (items != 1)} of the structure"] * bool(items)
    return ", ".join(parts)


def describe_outcomes(outcome: ChunkOutcome) -> str:
    """One line: `8 applied, 2 coalesced`."""
    parts = [f"{count} {name}" for name, count in sorted(outcome.outcomes.items())]
    parts += [f"{outcome.held} held"] * bool(outcome.held)
    parts += [f"{outcome.deferred} deferred"] * bool(outcome.deferred)
    return ", ".join(parts) or "nothing settled"


def name_run() -> str:
    """Name a run after its start, until its summary is known."""
    return f"process-inbox since {utc_now():%H:%M:%S} UTC"


@flow(
    name="process-inbox",
    flow_run_name=name_run,
    description=(
        "Settles due events: reads the products they name, and the variants of the models they "
        "name, from the PIM and writes what is newer. "
        "One run drains many deliveries; a second run meanwhile ends at once."
    ),
    persist_result=False,
)
@masked
async def process_inbox() -> State[None]:
    """Drain the inbox until it stays empty for a while.

    One that has lost its lease leaves the rest to the drain that took over.

    Raises:
        SourceError: the PIM fails. Its events stay due, and the breaker says when the next try is.
    """
    report = DrainReport()
    run_id = RunId(runtime.flow_run.id or "")
    run_name = runtime.flow_run.name or "process-inbox"
    try:
        other = await drain_inbox(
            read_run_settings(),
            run_id=run_id,
            run_name=run_name,
            step=settle_chunk_in_tasks,
            report=report,
        )
    except (LeaseLost, FenceLost) as error:
        # A machine that slept, say: the other one does this one's work, and nothing is wrong.
        return Completed(name="StoodBy", message=f"another drain took over: {error}")
    finally:
        if report.opened:
            await _publish(report)
    if isinstance(other, DoorAlive):
        message = (
            f"the drain {other.run_name} ({other.run_id}) is at work until {other.lease_until}"
        )
        return Completed(name="StoodBy", message=message)
    return Completed(message=summarize_drain(report))


async def _publish(report: DrainReport) -> None:
    """Show what the drain did, as an artifact and as the run's name."""
    await publish(ARTIFACT_KEY, describe_drain(report), summarize_drain(report))
