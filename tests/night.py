"""A bad night: PIM, receiver, worker and Prefect server as processes that can be killed.

Beside it stand a relay that knows what was acknowledged, and what must hold afterwards.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deployments.prefect_env import child_environment, prefect_api_url
from deployments.up.demo import MANAGEMENT_PATH
from deployments.up.ports import free_port
from pim.json_types import JsonObject, as_list, as_object
from settings import Settings, load_settings
from storage import StoreError, migrate, open_store
from tests.night_parts import Part, closing_all, wait_until
from tests.night_prefect import Prefect
from tests.night_relay import Relay, relayed
from tests.shop import PLATFORM_SECRET, SECRET, Shop

FIXED = {
    "AKENEO_CLIENT_ID": "demo_client",
    "AKENEO_CLIENT_SECRET": "demo_client_secret",
    "AKENEO_USERNAME": "demo_connection",
    "AKENEO_PASSWORD": "demo_password",
    "AKENEO_WEBHOOK_SECRETS": SECRET,
    "SYNC_LINGER_SECONDS": "2",
    "SYNC_PACE_SECONDS": "0.2",
    # Deletions that nobody was told of are many where a receiver is down again and again.
    "SYNC_MAX_DELETE_SHARE": "1",
    "SYNC_LEASE_SECONDS": "5",
    "SYNC_BUSY_TIMEOUT_SECONDS": "3",
}
EVENTS_API = "/webhooks/events-api"
EVENT_PLATFORM = "/webhooks/event-platform"
STORE, HISTORY = "night_store", "night_prefect"
MACHINES = ("machine-one", "machine-two")


@dataclass(slots=True)
class Night:
    """The running parts, and what a drill asks of them."""

    settings: Settings
    env: dict[str, str]
    shop: Shop
    relay: Relay
    prefect: Prefect
    server: Part | None  # None: the server belongs to somebody else
    receiver: Part
    worker: Part
    other_worker: Part
    up: Part
    other_receiver: Part
    alarms: Counter[str] = field(default_factory=Counter)  # seen in `status`, by name
    struck: str = ""  # the drain at the time of the worker's last end
    forgiven: set[str] = field(default_factory=set)  # lost, and made up for by a reconcile

    def receiver_answers(self) -> bool:
        """Whether deliveries would be taken."""
        try:
            answer = self.shop.http.get(f"{self.shop.receiver_url}/livez")
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the operator's command."""
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-P", "-m", "cli.main", *arguments],
            env=dict(self.env),
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def change_setting(self, name: str, value: str) -> None:
        """Let the commands, and the parts from their next start on, find another setting."""
        self.env[name] = value
        ours = (self.receiver, self.other_receiver, self.worker, self.other_worker, self.up)
        for part in ours:
            part.change_setting(name, value)

    def deploy(self) -> None:
        """Deploy as an operator does."""
        done = self.command("deploy")
        assert done.returncode == 0, done.stderr

    def rise(self) -> None:
        """Start what is not running, without `up`."""
        if self.server is not None:
            self.server.start()
        wait_until(self.prefect.answers, "the Prefect server")
        self.receiver.start()
        self.worker.start()
        wait_until(self.receiver_answers, f"the receiver: {self.receiver.last_words()}")

    def fall(self) -> None:
        """Stop everything but the PIM, in good order."""
        workers = (self.worker, self.other_worker)
        for part in (self.up, self.receiver, self.other_receiver, *workers, self.server):
            if part is not None:
                part.stop()

    def begin(self, deploy: Callable[[], object] | None = None) -> None:
        """Bring the parts up, and the store to the PIM's state."""
        if self.server is not None:
            self.server.start()
        wait_until(self.prefect.answers, "the Prefect server")
        (deploy or self.deploy)()
        # No scheduled sweep may repair what a drill is to show.
        self.prefect.pause_schedules()
        self.rise()
        asyncio.run(self.shop.reconcile())
        assert self.shop.sources() == self.shop.truth()

    def edit(self, per_second: float) -> None:
        """Let the PIM's people edit at this pace from now on."""
        self.shop.control("pace", {"per_second": per_second})

    def snipe_receiver(self, *, seconds: float) -> bool:
        """Kill the receiver between a commit and its answer; False if no delivery came."""
        file = self.settings.database_url.removeprefix("sqlite:///")

        def shoot(event_id: str) -> None:
            end = time.monotonic() + 5
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                stored = "SELECT 1 FROM inbox_event WHERE event_id = ?"
                # No pause: the answer follows the commit within a millisecond.
                while not connection.execute(stored, (event_id,)).fetchone():
                    if time.monotonic() > end:
                        break
            self.receiver.kill()

        return self.relay.snipe(shoot, seconds=seconds)

    def platform(self) -> JsonObject:
        """What the simulator knows of its last subscription of the Event Platform."""
        url = f"{self.shop.pim_url}/_simulator/platform"
        report = self.shop.http.get(url).raise_for_status().json()
        return as_object(as_list(report["subscriptions"])[-1])

    def inbox(self) -> dict[str, str]:
        """The state of each event that was ever stored."""
        return {event.event_id: event.state for event in self.shop.events()}

    def settled(self) -> int:
        """How many events have their outcome."""
        return sum(state not in {"due", "waiting", "held"} for state in self.inbox().values())

    def is_draining(self) -> bool:
        """Whether a drain is at work, and not one that was killed and whose lease lasts."""
        door = self.shop.status().door
        return door.alive and door.generation != self.struck

    def strike_worker(self) -> None:
        """Kill the worker, and with it the drain that it may be at."""
        self.worker.kill()
        self.struck = self.shop.status().door.generation

    def is_drained(self) -> bool:
        """Whether nothing is due, and no delivery is on its way."""
        # What the PIM has sent is in the inbox when the relay has done with it.
        if self.bulks_waiting() or self.relay.under_way:
            return False
        status = self.shop.status()
        # Whoever pointed to a deleted product is read after the deletion's event is settled.
        return not (status.inbox.due or status.inbox.put_off or status.products.marks_open)

    def bulks_waiting(self) -> int:
        """How many bulks of events the PIM has yet to deliver."""
        state = self.shop.http.get(f"{self.shop.pim_url}/_simulator/state").json()
        waiting: int = state["bulks_waiting"]
        return waiting


@contextmanager
def watched_alarms(night: Night) -> Iterator[None]:
    """Count the alarms that `status` shows meanwhile, twice a second."""
    over = threading.Event()

    def watch() -> None:
        before: set[str] = set()
        while not over.wait(0.5):
            try:
                now = {alarm.name for alarm in night.shop.status().alarms}
            except StoreError:
                continue
            night.alarms.update(now - before)
            before = now

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def open_night(
    folder: Path,
    *,
    products: int = 60,
    api_url: str | None = None,
    tunables: Mapping[str, str] | None = None,
    platform: int | None = None,
    postgres: str | None = None,
) -> Iterator[Night]:
    """Start the PIM and make everything ready; with `api_url`, that Prefect server is used.

    With `postgres`, a server's address with {} for a database, the store and Prefect are on it, in
    `night_store` and `night_prefect`; there are two receivers, of which the relay asks either, and
    the two workers are of two machines.

    With `platform` the PIM tells of its edits by the Event Platform alone, whose hours and waits
    pass so many times faster.
    """
    port, other_port, pim_port = (free_port("127.0.0.1") for _ in range(3))
    given = {
        "AKENEO_BASE_URL": f"http://127.0.0.1:{pim_port}",
        "SYNC_DATABASE_URL": postgres.format(STORE) if postgres else f"sqlite:///{folder}/night.db",
        "SYNC_PORT": str(port),
        "SYNC_API_PORT": str(free_port("127.0.0.1")),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_API_PORT": str(free_port("127.0.0.1")),
        **({"PREFECT_API_URL": api_url} if api_url else {}),
        **FIXED,
        **({} if platform is None else _platform_settings(port, pim_port)),
        **(tunables or {}),
    }
    settings = load_settings(given, root=folder)
    migrate(settings.database_url)
    bare = {**_bare_environment(), **given, **_prefect_database(postgres)}
    env = child_environment(settings, bare)
    # Five seconds, so that a busy machine loses nothing: what is lost is to be the kills' doing.
    shown = {
        "--port": pim_port,
        "--products": products,
        "--webhook-timeout-seconds": 5,
        **_platform_options(port, platform),
    }
    arguments = [str(each) for pair in shown.items() for each in pair]
    signing = {**env, "SIMULATOR_PLATFORM_PRIMARY_SECRET": PLATFORM_SECRET}
    pim = Part("simulator", ("cli.main", "simulator", *arguments), signing, folder)
    server, receiver, other_receiver, worker, other_worker = _make_parts(
        env, folder, other_port=other_port, several=postgres is not None
    )
    up = Part("up", ("cli.main", "up"), bare, folder)  # told of no server: it starts its own
    with ExitStack() as stack:
        ours = [server, receiver, other_receiver, worker, other_worker, up, pim]
        stack.enter_context(closing_all(ours))
        asked = (port, other_port) if postgres else (port,)
        relay, relay_url = stack.enter_context(relayed(*asked))
        store = stack.enter_context(closing(open_store(settings.database_url)))
        shop = Shop(settings, store, given["AKENEO_BASE_URL"], f"http://127.0.0.1:{port}")
        stack.callback(shop.http.close)
        pim.start()
        wait_until(lambda: _answers(shop), lambda: f"the PIM: {pim.last_words()}")
        if platform is None:
            shop.control("webhook", {"url": f"{relay_url}{EVENTS_API}", "secret": SECRET})
        prefect = Prefect(shop.http, prefect_api_url(settings), settings.work_pool_name)
        parts = (None if api_url else server, receiver, worker, other_worker, up, other_receiver)
        night = Night(settings, env, shop, relay, prefect, *parts)
        stack.enter_context(watched_alarms(night))
        yield night


def _platform_settings(port: int, pim_port: int) -> dict[str, str]:
    return {
        "AKENEO_EVENT_PLATFORM_SECRETS": PLATFORM_SECRET,
        "AKENEO_EVENT_PLATFORM_URL": f"http://127.0.0.1:{pim_port}{MANAGEMENT_PATH}",
        "SYNC_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def _prefect_database(postgres: str | None) -> dict[str, str]:
    if postgres is None:
        return {}
    url = postgres.format(HISTORY).replace("postgresql://", "postgresql+asyncpg://", 1)
    return {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}


def _make_parts(
    env: Mapping[str, str], folder: Path, *, other_port: int, several: bool
) -> tuple[Part, Part, Part, Part, Part]:
    """Prefect's server, two receivers, two workers; `several`: as on machines of their own."""
    served = ("cli.main", "prefect") if several else ("prefect", "server", "start")
    places = [("tests.other_machine", name) if several else () for name in MACHINES]
    other_env = {**env, "SYNC_PORT": str(other_port)}
    return (
        Part("prefect", served, env, folder),
        Part("receiver", ("cli.main", "receiver"), env, folder),
        Part("receiver-two", ("cli.main", "receiver"), other_env, folder),
        Part("worker", (*places[0], "cli.main", "worker"), env, folder),
        Part("worker-two", (*places[1], "cli.main", "worker"), env, folder),
    )


def _platform_options(port: int, time_scale: int | None) -> dict[str, int | str]:
    if time_scale is None:
        return {}
    return {
        "--platform-url": f"http://127.0.0.1:{port}{EVENT_PLATFORM}",
        "--platform-time-scale": time_scale,
    }


def _bare_environment() -> dict[str, str]:
    every = os.environ.items()  # noqa: TID251 - PATH, for the interpreter
    ours = ("PREFECT_", "AKENEO_", "SYNC_")
    return {name: text for name, text in every if not name.startswith(ours)}


def _answers(shop: Shop) -> bool:
    try:
        return shop.http.get(f"{shop.pim_url}/_simulator/state").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
