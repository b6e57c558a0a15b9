"""A look at our subscriptions as the flow makes it, without Prefect: alarms, and the catch-up."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from flows.subscriptions import WatchReport, watch_subscriptions
from pim.ids import RunId
from settings import Settings, load_settings
from storage import Store
from storage.state import finish_run, list_alarms, list_subscriptions, read_gap, start_run
from storage.tables import Sweep, table_of
from tests.fake_platform import API, FakePlatform, problem
from tests.served_app import served

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PUBLIC = "https://sync.example.test"
HERE = f"{PUBLIC}/webhooks/event-platform"
DELAY = timedelta(minutes=10)


class Scene:
    """A platform, a store, and what Prefect is asked for; `down` says that it is away."""

    def __init__(self, platform: FakePlatform, store: Store, settings: Settings) -> None:
        self.platform = platform
        self.store = store
        self.settings = settings
        self.asked: list[tuple[str, str]] = []
        self.down = False

    async def ask(self, *, mode: str, key: str) -> None:
        if self.down:
            raise ConnectionError("no Prefect server")
        if (mode, key) not in self.asked:  # as Prefect does with a key
            self.asked.append((mode, key))

    def look(self, minutes: float) -> WatchReport:
        now = NOON + timedelta(minutes=minutes)
        looking = watch_subscriptions(self.settings, ask=self.ask, now=now, delay=DELAY)
        return asyncio.run(looking)

    def set_status(self, subscription: str, status: str) -> None:
        self.platform.subscriptions[subscription]["status"] = status

    def sweep(self, minutes: float, *, mode: str = "full", **drift: int) -> None:
        """A reconcile begins then, and is whole a minute later."""
        began, ended = (NOON + timedelta(minutes=each) for each in (minutes, minutes + 1))
        report: dict[str, Any] = {"mode": mode, "dry_run": False, "not_whole": []}
        report |= {"ended_early": None, "drift": drift}
        sweep = {"name": "products/full", "counts": "{}", "first_number": 1}
        sweep |= {"source_started_at": began, "started_at": began, "finished_at": ended}
        with self.store.transaction() as tx:
            row = start_run(tx, run_id=RunId("r"), flow="reconcile", cause="x", now=began)
            finish_run(tx, row_id=row, state="done", report=report, now=ended)
            if mode == "full":
                tx.execute(delete(table_of(Sweep)))
                tx.execute(insert(table_of(Sweep)).values(**sweep))

    def alarms(self) -> set[str]:
        with self.store.read() as tx:
            return {alarm.name for alarm in list_alarms(tx)}


@pytest.fixture
def scene(store: Store, store_url: str, tmp_path: Path) -> Iterator[Scene]:
    platform = FakePlatform()
    with served(platform.app()) as url:
        env = {
            "AKENEO_BASE_URL": url,
            "AKENEO_CLIENT_ID": "the-client",
            "AKENEO_CLIENT_SECRET": "hush-client",
            "AKENEO_USERNAME": "julia",
            "AKENEO_PASSWORD": "hush-password",
            "AKENEO_EVENT_PLATFORM_URL": f"{url}{API}",
            "AKENEO_EVENT_PLATFORM_SECRETS": "hush-primary-secret",
            "SYNC_PUBLIC_URL": PUBLIC,
            "SYNC_DATABASE_URL": store_url,
        }
        yield Scene(platform, store, load_settings(env, root=tmp_path))


@pytest.fixture
def mine(scene: Scene) -> str:
    """Our subscription, beside one of somebody else."""
    subscriber = scene.platform.add_subscriber()
    scene.platform.add_subscription(subscriber, "https://other.example.test/in")
    return scene.platform.add_subscription(subscriber, HERE)


def test_what_is_not_used_is_not_asked_for(store_url: str, tmp_path: Path, scene: Scene) -> None:
    scene.look(0)
    assert scene.alarms() == {"subscription-revoked"}
    env = {"SYNC_DATABASE_URL": store_url, "AKENEO_BASE_URL": "https://pim.test"}
    scene.settings = load_settings({**env, "AKENEO_ACCESS_TOKEN": "hush"}, root=tmp_path)
    sent = len(scene.platform.sent)
    assert "AKENEO_EVENT_PLATFORM_SECRETS is not set" in scene.look(3).summary()
    assert (len(scene.platform.sent), scene.alarms()) == (sent, set())


def test_ours_is_noted_and_no_other(scene: Scene, mine: str) -> None:
    assert scene.look(0).summary() == f"subscription {mine} is active"
    with scene.store.read() as tx:
        assert [each.id for each in list_subscriptions(tx)] == [mine]
    assert (scene.alarms(), scene.asked) == (set(), [])


@pytest.mark.parametrize(
    ("status", "alarm"),
    [("suspended", "subscription-suspended"), ("revoked", "subscription-revoked")],
)
def test_one_that_stops_is_an_alarm(scene: Scene, mine: str, status: str, alarm: str) -> None:
    scene.look(0)
    scene.set_status(mine, status)
    scene.look(3)
    assert scene.alarms() == {alarm}
    scene.set_status(mine, "active")
    scene.look(6)
    assert scene.alarms() == set()


def test_a_platform_that_is_away_three_times_is_an_alarm(scene: Scene, mine: str) -> None:
    scene.look(0)
    scene.platform.fails = lambda _method, _path: problem(500, "down")
    for minutes in (3, 6):
        assert "not seen: the Event Platform: it failed" in scene.look(minutes).summary()
    assert scene.alarms() == set()
    scene.look(9)
    assert scene.alarms() == {"subscription-unknown"}
    scene.platform.fails = lambda _method, _path: None
    assert mine in scene.look(12).summary()
    assert scene.alarms() == set()


def stop_and_resume(scene: Scene, mine: str) -> None:
    """Suspended at 12:03, seen active again at 12:06."""
    scene.look(0)
    scene.set_status(mine, "suspended")
    assert scene.look(3).done == []
    scene.set_status(mine, "active")


def test_a_gap_is_caught_up_with_in_two_rounds(scene: Scene, mine: str) -> None:
    stop_and_resume(scene, mine)
    assert scene.look(6).done == ["asked for a delta and a full reconcile, round 1 after the gap"]
    scene.sweep(7, mode="delta", outdated=2)
    scene.sweep(8, missing=1, orphan=1)
    assert scene.look(9).done == []
    assert scene.look(16).done == ["asked for a delta and a full reconcile, round 2 after the gap"]
    assert [mode for mode, _ in scene.asked] == ["delta", "full"] * 2
    assert len({key for _, key in scene.asked}) == 4
    assert scene.look(19).done == []
    scene.sweep(20, missing=3)
    (done,) = scene.look(22).done
    assert done == "the gap is caught up with: 4 missing, 1 orphan, 2 outdated repaired"
    assert scene.look(60).done == []
    with scene.store.read() as tx:
        gap = read_gap(tx)
    assert gap is not None
    assert gap.cost == {"missing": 4, "orphan": 1, "outdated": 2}


def test_a_look_that_dies_between_asking_and_noting_asks_for_the_same_runs(
    scene: Scene, mine: str
) -> None:
    stop_and_resume(scene, mine)
    real = scene.ask

    async def die_after(*, mode: str, key: str) -> None:
        await real(mode=mode, key=key)
        if mode == "full":
            raise KeyboardInterrupt

    scene.ask = die_after  # type: ignore[method-assign] # a process that is killed there
    with pytest.raises(KeyboardInterrupt):
        scene.look(6)
    scene.ask = real  # type: ignore[method-assign] # the next one
    scene.look(9)
    assert [mode for mode, _ in scene.asked] == ["delta", "full"]


def test_a_prefect_server_that_is_away_is_asked_by_the_next_look(scene: Scene, mine: str) -> None:
    stop_and_resume(scene, mine)
    scene.down = True
    with pytest.raises(ConnectionError):
        scene.look(6)
    scene.down = False
    assert len(scene.look(9).done) == 1
    assert [mode for mode, _ in scene.asked] == ["delta", "full"]


def test_a_catch_up_goes_on_while_the_platform_is_away(scene: Scene, mine: str) -> None:
    stop_and_resume(scene, mine)
    scene.look(6)
    scene.platform.fails = lambda _method, _path: problem(500, "down")
    assert len(scene.look(16).done) == 1


def test_a_second_stop_meanwhile_is_caught_up_with_anew(scene: Scene, mine: str) -> None:
    stop_and_resume(scene, mine)
    scene.look(6)
    scene.set_status(mine, "suspended")
    scene.look(9)
    scene.sweep(11)
    assert scene.look(20).done == []
    scene.set_status(mine, "active")
    assert scene.look(21).done == ["asked for a delta and a full reconcile, round 1 after the gap"]
    assert len({key for _, key in scene.asked}) == 4


def test_without_a_public_url_every_https_one_is_ours(
    scene: Scene, mine: str, tmp_path: Path
) -> None:
    env = {
        "AKENEO_BASE_URL": scene.settings.source.base_url if scene.settings.source else "",
        "AKENEO_ACCESS_TOKEN": scene.platform.token,
        "AKENEO_CLIENT_ID": "the-client",
        "AKENEO_EVENT_PLATFORM_URL": scene.settings.event_platform.api_url,
        "AKENEO_EVENT_PLATFORM_SECRETS": "hush-primary-secret",
        "SYNC_DATABASE_URL": scene.settings.database_url,
    }
    scene.settings = load_settings(env, root=tmp_path)
    assert {each.id for each in scene.look(0).found} == {mine, "subscription-1"}
