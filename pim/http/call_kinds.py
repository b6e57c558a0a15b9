"""Kinds and ends of calls to the PIM, in few words: labels of `/metrics`."""

from collections.abc import Callable
from typing import TypeAlias

from pim.errors import InvalidAnswer, SourceError, SourceTimeout
from pim.vocabulary import CallKind

CallObserver: TypeAlias = Callable[[CallKind, str, float], None]
"""Told of each call that ended: its kind, its end (`end_of_call`) and its seconds."""

_HIGHEST_STATUS = 599  # a server may answer any number of three digits

_REST = ("api", "rest", "v1")
_PRODUCTS = frozenset({"products", "products-uuid"})
_MODELS = "product-models"
_STRUCTURE = frozenset(
    {
        *("families", "attributes", "attribute-groups", "categories", "channels", "locales"),
        *("currencies", "association-types", "measurement-families", "reference-entities"),
        *("asset-families", "system-information"),
    }
)


def observe_nothing(_kind: CallKind, _end: str, _seconds: float) -> None:
    """For clients whose calls nobody counts."""


def kind_of_call(path: str) -> CallKind:
    """Name the kind of a call by its path, relative to the base URL."""
    parts = tuple(part for part in path.split("/") if part)
    if parts[:2] == ("api", "oauth"):
        return CallKind.TOKEN
    if parts[:3] != _REST or len(parts) == len(_REST):
        return CallKind.OTHER
    resource, *codes = parts[len(_REST) :]
    if resource in _PRODUCTS:
        return CallKind.PRODUCT if codes else CallKind.PRODUCT_LIST
    if resource == _MODELS:
        return CallKind.MODEL if codes else CallKind.MODEL_LIST
    return CallKind.STRUCTURE if resource in _STRUCTURE else CallKind.OTHER


def end_of_call(error: SourceError) -> str:
    """Name how a call failed: its HTTP status, else `timeout`, `unreachable` or `invalid`.

    `invalid`: a success by its status whose body was cut or is no JSON.
    """
    if isinstance(error, InvalidAnswer):
        return "invalid"
    if error.status is not None:
        return str(error.status) if error.status <= _HIGHEST_STATUS else "other"
    return "timeout" if isinstance(error, SourceTimeout) else "unreachable"
