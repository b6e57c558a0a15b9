"""With SYNC_LOG_FORMAT=json every line of a process that uses Prefect is JSON.

A process of its own: Prefect sets up its logging once, when it is imported.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from deployments.prefect_env import apply_prefect_environment
from deployments.worker.run import set_levels
from settings import install_masking, load_settings
settings = load_settings()
install_masking(settings)
apply_prefect_environment(settings)
import logging
import prefect.main
from prefect.logging import get_logger
set_levels(settings)
of_a_run = {"flow_run_name": "calm-owl", "flow_run_id": "1", "send_to_api": False}
get_logger("flow_runs").warning("a run's :fire: [bold]line", extra=of_a_run)
logging.getLogger("flows.drain.loop").info("ours", extra={"chunks": 2})
logging.getLogger("uvicorn").error("the server's")
try:
    raise KeyError("a")
except KeyError:
    logging.getLogger("pim").exception("it failed")
secret = "canary/secret+1"
try:
    raise ValueError(f"signed with {secret}")
except ValueError:
    logging.getLogger("flows").exception("with %s", secret, extra={"tried": [{"as": secret}]})
logging.getLogger("prefect.flow_runs").warning("prefect's", extra={"header": secret})
handlers = [type(h).__name__ for h in logging.getLogger("flows").handlers]
logging.getLogger("flows").warning("handlers", extra={"handlers": handlers})
"""


def test_every_line_is_json_and_the_api_s_handlers_are_left(tmp_path: Path) -> None:
    env = os.environ | {  # noqa: TID251 - a process needs PATH
        "SYNC_LOG_FORMAT": "json",
        "AKENEO_WEBHOOK_SECRETS": "canary/secret+1",
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
    }
    done = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    assert "canary" not in done.stdout + done.stderr
    said = {line["message"]: line for line in lines}
    assert said["a run's :fire: [bold]line"]["run"] == "calm-owl"
    assert said["a run's :fire: [bold]line"]["run_id"] == "1"
    assert said["ours"]["chunks"] == 2
    assert said["the server's"]["level"] == "ERROR"
    assert said["it failed"]["exception"].endswith("KeyError: 'a'")
    assert said["with ***"]["tried"] == [{"as": "***"}]
    assert said["with ***"]["exception"].endswith("ValueError: signed with ***")
    assert said["prefect's"]["header"] == "***"
    assert said["handlers"]["handlers"] == ["APILogHandler"]
