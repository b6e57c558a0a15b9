"""Where a value can be shown: locales that are on, channels that there are, and both together."""

from pim.json_types import JsonObject, as_text, texts
from simulator.render.view import View
from simulator.store.structure import Structure


class Places:
    """Knows which values have lost their place; `refresh` looks at the structure anew."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._locales: frozenset[str] = frozenset()
        self._channels: dict[str, frozenset[str]] = {}
        self._specific: dict[str, frozenset[str]] = {}

    def refresh(self) -> None:
        """Take in what the structure says now."""
        self._locales = self._structure.active("locales")
        self._channels = {
            item.code: frozenset(texts(item.body.get("locales")))
            for item in self._structure.items("channels")
        }
        self._specific = {
            item.code: frozenset(locales)
            for item in self._structure.items("attributes")
            if (locales := texts(item.body.get("available_locales")))
        }

    def kept(self, code: str, entries: list[JsonObject], view: View) -> list[JsonObject]:
        """The entries of an attribute that have a place, and one that the reader asked for."""
        return [entry for entry in entries if self._is_kept(code, entry, view)]

    def _is_kept(self, code: str, entry: JsonObject, view: View) -> bool:
        locale, scope = as_text(entry["locale"]), as_text(entry["scope"])
        if locale is not None and not self._has_locale(code, locale, view):
            return False
        if scope is None:
            return True
        if scope not in self._channels or view.scope not in {None, scope}:
            return False
        # A locale may be on and yet not be one of this channel's.
        return locale is None or locale in self._channels[scope]

    def _has_locale(self, code: str, locale: str, view: View) -> bool:
        if locale not in self._locales or locale not in self._specific.get(code, self._locales):
            return False
        return view.locales is None or locale in view.locales
