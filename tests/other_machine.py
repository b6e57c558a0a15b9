"""Process entry: a module run as on a machine of another name.

`python -m tests.other_machine NAME MODULE ARGUMENT…`: what one of our workers judges by its host's
name, it then judges as if the others were elsewhere.
"""

import runpy
import socket
import sys


def main() -> None:
    """Become the module, on a machine of that name."""
    name, module = sys.argv[1:3]
    socket.gethostname = lambda: name
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
