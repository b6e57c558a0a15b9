"""Process entry: Prefect's server, in which one thread of its own collects all garbage.

Python collects in whichever thread happens to allocate, the event loop's among them. What it finds
may be a cursor of SQLite, and freeing that waits for the cursor's connection to be at rest: which
may wait, for up to a minute, for a transaction that only the event loop could end. Then the server
answers nobody for that minute; seen with Prefect 3.8.8 on a busy machine, once or twice an hour. A
thread of its own may wait for as long as it likes.
"""

import gc
import runpy
import sys
import threading

_SECONDS = 0.5  # between two looks at what is young
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


def main() -> None:
    """Become the command `prefect` with our arguments."""
    collect_apart(threading.Event())
    sys.argv = ["prefect", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
