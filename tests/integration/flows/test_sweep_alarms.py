"""Reconciles that fail, meet another, or find the source away: what `status` says of them."""

from datetime import timedelta

import pytest

from flows.run.session import utc_now
from flows.sweeps.run import ReconcileRequest, Step, run_reconcile
from pim.breaker import SourceFailure
from pim.ids import OrderNumber, RunId
from storage.state.runs import is_full_left_undone, list_runs, start_run
from storage.state.source import trip_breaker
from storage.state.sweeps import begin_sweep
from storage.state.watch import note_watch
from tests.shop import Shop

pytestmark = pytest.mark.anyio


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """Nothing here is told apart by the database."""
    return sqlite_url


async def fail(
    shop: Shop, step_name: str = "sweep-products", *, full: bool = True, dry_run: bool = False
) -> None:
    """A reconcile in which a defect of ours shows."""
    request = ReconcileRequest(full=full, dry_run=dry_run)

    async def defect(name: str, step: Step) -> None:
        if name == step_name:
            raise RuntimeError("two states of one product in one write")
        await step()

    with pytest.raises(RuntimeError):
        await run_reconcile(shop.settings, request, runner=defect)


def needs(shop: Shop) -> dict[str, str]:
    return {need.name: need.text for need in shop.status().needs}


def hold(shop: Shop, name: str, holder: str) -> None:
    """Let another run be at a sweep."""
    start = {"first_number": OrderNumber(1), "source_now": utc_now(), "lease": timedelta(minutes=1)}
    shop.store.run(lambda tx: begin_sweep(tx, name=name, holder=holder, **start))  # type: ignore[arg-type]


async def test_a_defect_of_ours_stands_as_an_alarm_until_a_whole_sweep(shop: Shop) -> None:
    await fail(shop)
    await fail(shop, "sweep-attribute")
    told = needs(shop).get("sweep-fails", "")
    assert "the full sweep failed 2 times since" in told
    assert "unexpected RuntimeError: two states of one product in one write" in told
    upkeep = shop.status().upkeep
    assert upkeep is not None
    assert upkeep.first_sweep is not None
    assert upkeep.first_sweep.state == "stopped"
    await shop.reconcile(dry_run=True)
    await shop.reconcile(full=False, key=next(iter(shop.truth())))
    assert "sweep-fails" in needs(shop)  # neither has seen all
    await shop.reconcile()
    assert needs(shop) == {}
    after = shop.status().upkeep
    assert after is not None
    assert after.first_sweep is None


async def test_each_mode_is_told_and_a_whole_full_sweep_ends_the_deltas_alarm(shop: Shop) -> None:
    await shop.reconcile()
    await fail(shop, dry_run=True)
    assert needs(shop) == {}
    await fail(shop, full=False)
    assert "the delta sweep failed once" in needs(shop)["sweep-fails"]
    await shop.reconcile(full=False)
    assert needs(shop) == {}
    await fail(shop, full=False)
    await fail(shop)
    assert "the full sweep failed once" in needs(shop)["sweep-fails"]
    await shop.reconcile(full=False)
    assert "delta" not in needs(shop)["sweep-fails"]
    await shop.reconcile()
    assert needs(shop) == {}


async def test_a_sweep_that_meets_another_stands_by_and_names_it(shop: Shop) -> None:
    hold(shop, "products/full", "run-at-work")
    report = await shop.reconcile()
    assert report.stood_by is not None
    assert "run run-at-work is at the sweep products/full" in report.stood_by
    assert report.summary() == f"stood by: {report.stood_by}"
    assert "sweep-fails" not in needs(shop)
    with shop.store.read() as tx:
        (run,) = list_runs(tx)
        assert not is_full_left_undone(tx, flow="reconcile")
    assert (run.state, run.report["stood_by"]) == ("stood-by", report.stood_by)


async def test_a_delta_that_has_the_models_in_hand_does_not_cost_the_nightly_sweep(
    shop: Shop,
) -> None:
    run = {"run_id": RunId("a-delta"), "flow": "reconcile", "cause": "test", "now": utc_now()}
    shop.store.run(lambda tx: start_run(tx, **run, asked={"mode": "delta", "dry_run": False}))  # type: ignore[arg-type]
    hold(shop, "product_model/full", "a-delta")
    report = await shop.reconcile()
    assert report.stood_by is None
    assert any("product models: left to the delta" in note for note in report.notes)
    assert shop.sources() == shop.truth()


async def test_a_scheduled_sweep_leaves_a_source_alone_that_is_known_to_be_away(
    shop: Shop,
) -> None:
    await shop.reconcile()
    shop.store.run(lambda tx: trip_breaker(tx, SourceFailure("cannot connect")))
    before = shop.requests()
    report = await run_reconcile(shop.settings, ReconcileRequest(), spares_source=True)
    assert shop.requests() == before
    assert report.stood_by is not None
    assert "the PIM is away since" in report.stood_by
    assert "cannot connect" in report.stood_by
    assert set(needs(shop)) == {"source-failing"}
    with shop.store.read() as tx:
        assert is_full_left_undone(tx, flow="reconcile")
    await shop.reconcile()  # as a person asks for it
    assert shop.requests() != before
    assert needs(shop) == {}


async def test_a_stopped_sweep_is_no_failure(shop: Shop) -> None:
    async def stopped(name: str, _step: Step) -> None:
        raise KeyboardInterrupt(name)

    with pytest.raises(KeyboardInterrupt):
        await run_reconcile(shop.settings, ReconcileRequest(), runner=stopped)
    shop.store.run(lambda tx: note_watch(tx, idle={}, now=utc_now()))
    assert needs(shop) == {}


async def test_a_sweep_whose_process_is_killed_again_and_again_is_told(shop: Shop) -> None:
    """Killed, it can tell nobody: its next life does."""
    told = []

    async def look(name: str, step: Step) -> None:
        if name == "sweep-channel":
            told.append(needs(shop))
        await step()

    run = {"run_id": RunId("a-full"), "flow": "reconcile", "cause": "test", "now": utc_now()}
    for _ in range(2):
        shop.store.run(lambda tx: start_run(tx, **run, asked={"mode": "full", "dry_run": False}))  # type: ignore[arg-type]
        await run_reconcile(shop.settings, ReconcileRequest(), run_id=RunId("a-full"), runner=look)
    assert "sweep-fails" not in told[0]  # once is a worker that was stopped hard
    assert "its process was killed 2 times" in told[1]["sweep-fails"]
    assert needs(shop) == {}
