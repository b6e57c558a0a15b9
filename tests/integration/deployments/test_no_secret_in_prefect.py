"""No secret in what Prefect keeps of a run that fails: states, logs, artifacts, parameters."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from storage import migrate
from tests.integration.cli.echoing_pim import echoing_pim
from tests.prefect_fixtures import PrefectServer
from tests.served_app import served

PASSWORD = "canary/pass&word"
CANARIES = {
    "AKENEO_CLIENT_ID": "the-client",
    "AKENEO_CLIENT_SECRET": "canary-client-<secret>",
    "AKENEO_USERNAME": "julia",
    "AKENEO_PASSWORD": PASSWORD,
    "AKENEO_WEBHOOK_SECRETS": "canary-webhook-secret",
    "SYNC_LINGER_SECONDS": "0",
}
# In a process of its own, as a `process` pool runs a flow, and so that its log lines are all sent.
RUN_BOTH = """
import asyncio
from flows.process_inbox import process_inbox
from flows.reconcile import reconcile

async def main():
    await process_inbox(return_state=True)
    state = await reconcile(full=True, return_state=True)
    print(state.message)

asyncio.run(main())
"""
DEFECT = f"""
import logging
from flows import reconcile

async def failing(*_, **__):
    logging.getLogger("flows.test").warning("about to say %s", {PASSWORD!r})
    raise RuntimeError("a library says {PASSWORD}") from KeyError({PASSWORD!r})

reconcile.run_reconcile = failing
"""


def run_flows(server: PrefectServer, folder: Path, script: str, pim_url: str) -> str:
    """Run the flows; gives what the process said, which holds no secret either."""
    url = f"sqlite:///{folder}/store.db"
    migrate(url)
    env = {**server.env, **CANARIES, "SYNC_DATABASE_URL": url, "AKENEO_BASE_URL": pim_url}
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert "canary" not in said
    return said


def all_that_prefect_keeps(server: PrefectServer) -> str:
    with closing(sqlite3.connect(server.settings.prefect_home / "prefect.db")) as connection:
        return "\n".join(connection.iterdump())


def test_a_pim_that_shows_our_request_back_brings_no_secret_into_a_run(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    with served(echoing_pim()) as url:
        said = run_flows(prefect_server, tmp_path, RUN_BOTH, url)
    assert "***" in said
    kept = all_that_prefect_keeps(prefect_server)
    assert "***" in kept
    assert "canary" not in kept


def test_a_defect_that_holds_a_secret_is_masked_in_state_traceback_and_log(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    said = run_flows(prefect_server, tmp_path, DEFECT + RUN_BOTH, "http://127.0.0.1:9")
    assert "Flow run encountered an exception: RuntimeError: a library says ***" in said
    kept = all_that_prefect_keeps(prefect_server)
    for text in ("RuntimeError: a library says ***", "about to say ***", "Traceback (most recent"):
        assert text in kept
    assert "canary" not in kept
