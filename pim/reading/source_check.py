"""Questions of an operator about a source: which lists it shows, and what its clock says.

Small calls, one after the other: beside a running sync they must not use up what the source allows
one connection at a time.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from pim.canonical import dump_json
from pim.errors import SourceError, SourceForbidden, SourceNotFound, SourceUnexpectedNotFound
from pim.http import Caller, Clock, api_path
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from pim.reading.known_list import KnownList
from pim.search import Query, type_in

_ONE: Query = {"limit": "1"}
_SELECTS = ["pim_catalog_simpleselect", "pim_catalog_multiselect"]


@dataclass(frozen=True, slots=True)
class CheckedList:
    """One list: `error` None if it answered; `optional` where not every edition has it.

    `clock_ahead` is how far the source's clock was ahead of ours when it answered. The source tells
    whole seconds: what is below two of them says nothing.
    """

    name: str
    error: SourceError | None = None
    optional: bool = False
    clock_ahead: timedelta | None = None

    @property
    def is_forbidden(self) -> bool:
        """Whether the connection lacks the right to read it."""
        return isinstance(self.error, SourceForbidden)

    @property
    def is_absent(self) -> bool:
        """Whether this source has no such list."""
        return isinstance(self.error, SourceNotFound | SourceUnexpectedNotFound)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A list to ask for; `child` is the list that lives in its first item."""

    name: str
    path: str
    query: Query
    child: "_Wanted | None" = None
    optional: bool = False


_LISTS = (
    _Wanted("products", "products-uuid", {**_ONE, "pagination_type": "search_after"}),
    _Wanted("product models", "product-models", {**_ONE, "pagination_type": "search_after"}),
    _Wanted("families", "families", _ONE, _Wanted("family variants", "families/{}/variants", _ONE)),
    _Wanted("attributes", "attributes", _ONE),
    _Wanted(
        "attributes",
        "attributes",
        {**_ONE, "search": dump_json(type_in(_SELECTS))},
        _Wanted("attribute options", "attributes/{}/options", _ONE),
    ),
    _Wanted("categories", "categories", _ONE),
    _Wanted("channels", "channels", _ONE),
    _Wanted("locales", "locales", _ONE),
    _Wanted("currencies", "currencies", _ONE),
    _Wanted("attribute groups", "attribute-groups", _ONE),
    _Wanted("association types", "association-types", _ONE),
    _Wanted("measurement families", "measurement-families", {}),
    _Wanted(
        "reference entities",
        "reference-entities",
        {},
        _Wanted("records", "reference-entities/{}/records", {}, optional=True),
        optional=True,
    ),
    _Wanted(
        "asset families",
        "asset-families",
        {},
        _Wanted("assets", "asset-families/{}/assets", {}, optional=True),
        optional=True,
    ),
)
_LEGACY_PRODUCTS = _Wanted("products", "products", {**_ONE, "pagination_type": "search_after"})


class SourceCheck:
    """Asks the questions of one session; each call raises SourceError where it says so."""

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock

    async def connect(self) -> None:
        """Log in, and make sure that a list which every PIM has answers.

        Raises:
            SourceError: it cannot be reached, or refuses the login.
        """
        await KnownList(self._caller).confirm()

    async def lists(self) -> AsyncIterator[CheckedList]:
        """Every list that a mirror is made of, with what kept it from answering.

        Raises:
            SourceError: what is about the source as a whole, and no list of its own.
        """
        told: set[str] = set()
        for wanted in _LISTS:
            checked, body = await self._list(wanted)
            if checked.is_absent and wanted.name == "products":
                checked, body = await self._list(_LEGACY_PRODUCTS)
            if checked.name not in told:
                told.add(checked.name)
                yield checked
            code = _first_code(body)
            if wanted.child is not None and code is not None:
                yield (await self._list(wanted.child, code))[0]

    async def _list(self, wanted: _Wanted, parent: str = "") -> tuple[CheckedList, JsonValue]:
        parts = [parent if part == "{}" else part for part in wanted.path.split("/")]
        asked_at = self._clock()
        try:
            answer = await self._caller.get(api_path(*parts), wanted.query)
        except (SourceForbidden, SourceNotFound, SourceUnexpectedNotFound) as error:
            return CheckedList(wanted.name, error, wanted.optional), None
        except SourceError as error:
            if error.source_wide:
                raise
            return CheckedList(wanted.name, error, wanted.optional), None
        ahead = answer.source_time - asked_at
        return CheckedList(wanted.name, None, wanted.optional, ahead), answer.body


def _first_code(body: JsonValue) -> str | None:
    """The first item's code, of a paged list or of a plain array."""
    items = as_list(as_object(as_object(body).get("_embedded")).get("items")) or as_list(body)
    first: JsonObject = as_object(items[0]) if items else {}
    return as_text(first.get("code"))
