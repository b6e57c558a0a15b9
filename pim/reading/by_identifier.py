"""Products known by their identifier only, read from a source that calls them by uuid.

Two kinds: those that an event names so, and those that the store has kept under their identifier
since before the source knew uuids. The search cannot prove that a product is absent, because the
index lags; the route that takes an identifier asks the PIM's database.
"""

from collections.abc import Mapping

from pim.blame import blame_source, is_of_a_route, may_be_of_one
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceError, SourceNotFound, SourceUnexpectedNotFound
from pim.http import Caller, api_path
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_object, as_text
from pim.product import is_same_to_source, is_uuid
from pim.reading.known_list import KnownList
from pim.reading.paging import items_of
from pim.reading.products import ProductReader
from pim.reads import FailedRead, ProductRead
from pim.vocabulary import Identity


def named_by_identifier(
    names: Mapping[ProductKey, str], identity: Identity
) -> dict[ProductKey, str]:
    """Those of the keys that are identifiers, though the source calls products by uuid."""
    if identity is Identity.IDENTIFIER:
        return {}
    return {key: name for key, name in names.items() if name.casefold() == key and not is_uuid(key)}


class IdentifierReader:
    """Reads by identifier; what is found bears its uuid as key."""

    def __init__(self, caller: Caller, known: KnownList, reader: ProductReader) -> None:
        self._caller = caller
        self._known = known
        self._reader = reader

    async def read_or_fail(self, key: ProductKey, name: str) -> ProductRead | FailedRead:
        """As `read`, where what may be one product's own fault costs only that product.

        Raises:
            SourceError: something is wrong with the source rather than with one product.
        """
        try:
            return await self.read(key, name)
        except SourceError as error:
            if not may_be_of_one(error):
                raise
            if await self._reader.why_not_now() is not None:
                raise blame_source(error) from error
            return FailedRead(key, error)

    async def read(self, key: ProductKey, name: str) -> ProductRead:
        """Who is called so now, under its uuid; an absence keeps `key`.

        Raises:
            SourceError: of the calls; SourceUnexpectedNotFound too if the source has no way to
                tell that nobody is called so.
        """
        answer = await self._caller.read(api_path("products", name), {})
        if answer.not_found is None:
            found = as_object(answer.body)
        elif is_of_a_route(answer.not_found):
            found = await self._search(name, answer.not_found)
        else:
            await self._known.confirm()
            return ProductRead(key, answer.interval, None)
        uuid = self._uuid_of(found, name)
        # By uuid it is shown otherwise: its identifier among its values, others by their uuids.
        return await self._reader.read(uuid, uuid)

    async def _search(self, name: str, missing: SourceNotFound) -> JsonObject:
        """Ask the index, where the source has no route by identifier: what it lacks proves nothing.

        Raises:
            SourceUnexpectedNotFound: it does not show it.
        """
        main_identifier = self._reader.main_identifier
        if main_identifier is not None:
            query = dump_json({main_identifier: [{"operator": "IN", "value": [name]}]})
            listing = self._reader.listing
            own = {"pagination_type": "search_after", "limit": "1", "search": query}
            answer = await self._caller.get(listing, own)
            for item in items_of(answer.body, listing):
                return as_object(item)
        raise SourceUnexpectedNotFound(
            f"the source's search does not show {name!r}, which may be too new for its index",
            method=missing.method,
            path=missing.path,
            status=missing.status,
        )

    def _uuid_of(self, found: JsonObject, name: str) -> ProductKey:
        uuid, identifier = as_text(found.get("uuid")), as_text(found.get("identifier"))
        if not uuid or (identifier is not None and not is_same_to_source(identifier, name)):
            path = api_path("products", name)
            raise InvalidAnswer(f"no product of a uuid, called {name!r}", method="GET", path=path)
        return ProductKey(uuid.lower())
