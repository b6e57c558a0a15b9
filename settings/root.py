"""Where the project lives."""

from pathlib import Path


def project_root() -> Path:
    """Return the folder that holds `.env` and `var/`, whatever the current folder is.

    That is the checkout this package was loaded from. Installed without a checkout (a wheel in a
    container), there is none, and the current folder takes its place: `var/` must not end up in
    site-packages.
    """
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()
