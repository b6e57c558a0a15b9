"""A machine whose environment names a proxy: this machine's own servers are asked directly."""

import asyncio
import subprocess
import sys

import pytest
from prefect.client.orchestration import get_client

from deployments.deploy import deploy
from deployments.messages import WORKER_READY
from deployments.prefect_client import QuickClientContext
from tests.prefect_fixtures import PrefectServer, free_port


def test_a_worker_finds_the_server_beside_it_though_the_proxy_is_closed(
    prefect_server: PrefectServer,
) -> None:
    deploy(prefect_server.settings)
    closed = f"http://127.0.0.1:{free_port()}"
    env = {
        **{name: text for name, text in prefect_server.env.items() if "proxy" not in name.lower()},
        "SYNC_DATABASE_URL": prefect_server.settings.database_url,
        "HTTP_PROXY": closed,
        "https_proxy": closed,
        "ALL_PROXY": closed,
        "no_proxy": "intern.example.com",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "worker"], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        assert worker.stderr is not None
        said = next(line for line in worker.stderr if "worker" in line or "Prefect" in line)
    finally:
        worker.kill()
        worker.communicate()
    assert WORKER_READY in said


@pytest.mark.anyio
async def test_a_server_elsewhere_is_asked_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntrue")
        await writer.drain()
        writer.close()

    proxy = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    async with proxy, QuickClientContext("http://prefect.example.com/api"), get_client() as client:
        await client._client.get("http://prefect.example.com/api/health")
    assert asked == [b"GET http://prefect.example.com/api/health HTTP/1.1\r\n"]
