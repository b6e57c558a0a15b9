"""Process entry: a module, run as a child that does not outlive its parent.

`python -P -m deployments.child FD MODULE ARGUMENT…` runs MODULE as `python -m` would, and watches
FD, the read end of a pipe whose write end only the parent holds: its end means that the parent is
gone, in whatever way it died. Then the child's whole process group is asked to end, and a moment
later made to. (Linux could do this with PR_SET_PDEATHSIG, macOS could not, and it watches the
parent's thread rather than its process.)

Not in the room `up`: a child would import all of that before it begins.
"""

import os
import runpy
import signal
import sys
import threading

GRACE_SECONDS = 5.0  # with the time the kernel needs, well within the ten that `up` waits


def child_command(fd: int, module: str, *arguments: str) -> list[str]:
    """Return the command line that runs `module` as a child watching `fd`.

    The child must be the leader of its own process group.
    """
    # -P: a folder `flows` beside the user must not hide our packages.
    return [sys.executable, "-P", "-m", "deployments.child", str(fd), module, *arguments]


def main(argv: list[str]) -> None:
    """Watch the parent and become the module that the command line names."""
    fd, module = int(argv[1]), argv[2]
    threading.Thread(target=_end_with_parent, args=(fd,), name="parent-watch", daemon=True).start()
    sys.argv = [module, *argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent(fd: int) -> None:
    os.read(fd, 1)  # blocks while the parent lives; nothing is ever written
    _signal_own_group(signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    _signal_own_group(signal.SIGKILL)


def _signal_own_group(number: signal.Signals) -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(0, number)
    else:  # started by hand, in somebody else's group
        os.kill(os.getpid(), number)


if __name__ == "__main__":
    main(sys.argv)
