"""Counts of the API calls that the PIM got: for checks of a connector's call budget."""

import re
from collections import Counter

from starlette.datastructures import QueryParams

from pim.json_types import JsonObject

_ROOT = "/api/rest/v1/"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # in paths of the Event Platform
# Identifiers and codes of models may hold slashes.
_NAMED_AT_LENGTH = frozenset({"products", "product-models"})
# Their codes hold slashes.
_FILES = frozenset({"asset-media-files", "reference-entities-media-files"})


class CallLog:
    """Counts calls by method, kind of path and status; knows how many ran at once."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self.active = 0
        self.most_at_once = 0

    def begin(self) -> None:
        """A call has come in."""
        self.active += 1
        self.most_at_once = max(self.most_at_once, self.active)

    def end(self, method: str, path: str, status: int) -> None:
        """A call was answered."""
        self.active -= 1
        self._counts[method, path, status] += 1

    def clear(self) -> None:
        """Begin counting anew."""
        self._counts.clear()
        self.most_at_once = self.active

    def report(self) -> JsonObject:
        """All counts, the most frequent first."""
        return {
            "total": self._counts.total(),
            "most_at_once": self.most_at_once,
            "calls": [
                {"method": method, "path": path, "status": status, "count": count}
                for (method, path, status), count in self._counts.most_common()
            ],
        }


def path_kind(path: str, query: QueryParams) -> str:
    """A path without what names one thing: `/products-uuid/{code}`; `?search` marks a search."""
    if not path.startswith(_ROOT):
        return _UUID.sub("{id}", path)
    parts = path.removeprefix(_ROOT).split("/")
    if parts[0] in _FILES:
        return f"{_ROOT}{parts[0]}/{{code}}"
    if parts[0] == "media-files":
        named = ["media-files", *(["{code}"] if parts[1:] else []), *parts[-1:]][: len(parts)]
        return _ROOT + "/".join(named if parts[-1] == "download" else named[:2])
    if parts[0] in _NAMED_AT_LENGTH:
        named = [parts[0], *(["{code}"] if parts[1:] else [])]
        return _ROOT + "/".join(named) + ("?search" if "search" in query else "")
    named = ["{code}" if position % 2 else part for position, part in enumerate(parts)]
    return _ROOT + "/".join(named) + ("?search" if "search" in query else "")
