"""Prefect's server, in which one thread of its own collects all garbage; also a process entry.

Python collects in whichever thread happens to allocate, the event loop's among them. What it finds
may be a cursor of SQLite, and freeing that waits for the cursor's connection to be at rest: which
may wait, for up to a minute, for a transaction that only the event loop could end. Then the server
answers nobody for that minute; seen with Prefect 3.8.8 on a busy machine, once or twice an hour. A
thread of its own may wait for as long as it likes.

`up` starts it as a child. On a machine of its own it is the command `akeneo-sync prefect`.
"""

import gc
import runpy
import sys
import threading
from dataclasses import replace

from deployments.messages import say
from deployments.prefect_env import apply_prefect_environment
from settings import Settings

_SECONDS = 0.5  # between two looks at what is young
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_FULL_EVERY = 120  # looks; a full collection holds up the server for a tenth of a second


def collect_apart(stop: threading.Event, *, seconds: float = _SECONDS) -> threading.Thread:
    """Collect garbage from now on in the thread that this returns, and nowhere else.

    `stop` ends it, and garbage is collected as usual again.
    """
    gc.disable()
    thread = threading.Thread(
        target=_collect, args=(stop, seconds), name="garbage-collector", daemon=True
    )
    thread.start()
    return thread


def _collect(stop: threading.Event, seconds: float) -> None:
    looks = 0
    while not stop.wait(seconds):
        looks += 1
        gc.collect(2 if looks % _FULL_EVERY == 0 else 1)
    gc.enable()


def run_prefect_server(settings: Settings, *, host: str) -> int:
    """Serve Prefect's API and UI on `host` until SIGINT or SIGTERM; return the exit code.

    Prefect says by itself what keeps it from starting (a port that is taken, no database). Imports
    prefect. Its database is brought up to date as it starts. The UI asks the API on this machine,
    as through a tunnel, unless PREFECT_SERVER_UI_API_URL says otherwise.
    """
    ours = as_its_own_server(settings)
    apply_prefect_environment(ours)
    if ours.prefect_login.server is None and host not in _THIS_MACHINE:
        say(
            f"whoever reaches port {ours.prefect_server_port} on {host} may do anything in "
            "Prefect: set PREFECT_SERVER_API_AUTH_STRING, or let only our own parts reach it"
        )
    try:
        _become_prefect("server", "start", "--host", host)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def as_its_own_server(settings: Settings) -> Settings:
    """Return the settings of the parts as the server itself needs them.

    PREFECT_API_URL is how the others find it, by a name that a browser may not know; and where
    only they are told a login, it is the one to ask for.
    """
    login = settings.prefect_login
    asked = replace(login, server=login.server or login.basic)
    return replace(settings, prefect_api_url=None, prefect_login=asked)


def main() -> None:
    """Become the command `prefect` with our arguments."""
    _become_prefect(*sys.argv[1:])


def _become_prefect(*arguments: str) -> None:
    collect_apart(threading.Event())
    sys.argv = ["prefect", *arguments]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
