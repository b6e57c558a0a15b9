"""URLs of four kinds, read. Each function raises ValueError with the problem and the cure.

No message repeats the URL: people paste passwords into them.
"""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_SQLITE = "sqlite:///"
_DATABASE_FORMS = (
    "write sqlite:///var/akeneo-sync.db or postgresql://user:password@host:5432/database"
)
_PIM_FORM = "write it like https://pim.example.com"
_LONGEST_NAME = 255  # of a file or folder
_API_SUFFIXES = ("/api/rest/v1", "/api/rest", "/api")


def parse_base_url(text: str) -> str:
    """Return the PIM's address without its trailing slash."""
    parts = _split_http(text, cure=_PIM_FORM)
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "holds a user name or password; put them in AKENEO_USERNAME and AKENEO_PASSWORD"
        )
    if parts.query or parts.fragment:
        raise ValueError(f"holds a query or fragment; {_PIM_FORM}")
    path = parts.path.rstrip("/")
    if path.endswith(_API_SUFFIXES):
        raise ValueError(f"ends in the API's own path; {_PIM_FORM}, the rest is added by itself")
    return f"{parts.scheme}://{parts.netloc}{path}"


def parse_plain_url(text: str) -> str:
    """Return the address of an API without its trailing slash."""
    cure = "write it like https://api.example.com/v1"
    return _plain(_split_http(text, cure=cure), cure=cure)


def parse_public_url(text: str) -> str:
    """Return the receiver's public address: what stands before `/webhooks/…`."""
    cure = "write it like https://sync.example.com"
    plain = _plain(_split_http(text, cure=cure), cure=cure)
    if "/webhooks" in urlsplit(plain).path:
        raise ValueError(f"holds the path of a webhook; {cure}, the rest is added by itself")
    return plain


def parse_webhook_url(text: str) -> str:
    """Return the address of a shop's webhook, as it is given: its query may be part of it."""
    cure = "write it like https://shop.example.com/webhooks/akeneo"
    parts = _split_http(text, cure=cure)
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"holds a user name or password, which are not sent; {cure}")
    if parts.fragment:
        raise ValueError(f"holds a fragment, which is not sent; {cure}")
    return text


def _plain(parts: SplitResult, *, cure: str) -> str:
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"holds a user name or password; {cure}")
    if parts.query or parts.fragment:
        raise ValueError(f"holds a query or fragment; {cure}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def parse_api_url(text: str) -> str:
    """Return the address of a Prefect API, as Prefect wants it: no trailing slash."""
    cure = "write it like http://127.0.0.1:4200/api"
    parts = _split_http(text, cure=cure)
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password; put them in PREFECT_API_AUTH_STRING")
    if "/api" not in parts.path:
        raise ValueError(f"has no /api in its path; {cure}")
    return text.rstrip("/")


def parse_database_url(text: str, root: Path) -> str:
    """Return the database's URL, a relative SQLite path resolved against `root`."""
    if text.startswith(_SQLITE):
        return _SQLITE + str(_sqlite_path(text.removeprefix(_SQLITE), root))
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL (an unusual host or port); {_DATABASE_FORMS}") from error
    if parts.scheme != "postgresql":
        raise ValueError(f"is no kind of database we know; {_DATABASE_FORMS}")
    if "@" in f"{parts.netloc.rpartition('@')[0]}{parts.path}" or parts.fragment:
        raise ValueError(
            "has a '@', '/' or '#' in its user or password; write them as %40, %2F and %23"
        )
    if not text.startswith("postgresql://") or not parts.path.strip("/"):
        raise ValueError(f"names no database; {_DATABASE_FORMS}")
    return text


def label_database(url: str) -> str:
    """Return the database's URL without user, password and options: fit for screens and logs."""
    if url.startswith(_SQLITE):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _sqlite_path(text: str, root: Path) -> Path:
    if not text or text.startswith(":memory:"):
        raise ValueError(
            "would live in memory, where the processes cannot share it; "
            "name a file: sqlite:///var/akeneo-sync.db"
        )
    if "?" in text:
        raise ValueError("carries options after '?'; leave them out, the store sets its own")
    if any(len(part.encode()) > _LONGEST_NAME for part in Path(text).parts):
        raise ValueError(
            f"has a name longer than {_LONGEST_NAME} bytes in its path; choose a shorter one"
        )
    return (root / Path(text).expanduser()).resolve()


def _split_http(text: str, *, cure: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(f"holds a space or control character; {cure}")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL (an unusual host or port); {cure}") from error
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"does not start with https:// or http://; {cure}")
    if not parts.hostname:
        raise ValueError(f"names no host; {cure}")
    return parts
