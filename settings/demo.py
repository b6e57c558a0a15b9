"""The running demo's PIM, for commands that are called beside it.

The demo draws its PIM's port and credentials anew each time and tells them its own processes by
the environment. `reconcile` in another terminal has another environment: it reads them here.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SETS_A_PIM = (
    "AKENEO_BASE_URL",
    "AKENEO_CLIENT_ID",
    "AKENEO_CLIENT_SECRET",
    "AKENEO_USERNAME",
    "AKENEO_PASSWORD",
    "AKENEO_ACCESS_TOKEN",
)


def demo_file(root: Path) -> Path:
    """Return where a running demo says how its PIM is reached."""
    return root / "var" / "demo.env"


def wants_demo(given: Mapping[str, str]) -> bool:
    """Tell whether nothing of a PIM is set, so that a running demo's may take its place."""
    return not any(name in given for name in _SETS_A_PIM)


@contextmanager
def published_demo(root: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """While the body runs, let `load_settings` find the demo's settings; only for this user.

    Raises:
        OSError: the file cannot be written.
    """
    file = demo_file(root)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # a demo that was killed left it; its rights may be others
    text = "".join(f"{name}='{value}'\n" for name, value in environment.items())
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
