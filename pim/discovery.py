"""Finding out, once per source, what it calls its products and which version it is."""

from pim.caller import Caller
from pim.canonical import dump_json
from pim.connection import SourceFacts
from pim.errors import (
    SourceForbidden,
    SourceNotFound,
    SourceRequestRefused,
    SourceUnexpectedNotFound,
)
from pim.json_types import JsonObject, as_object
from pim.paging import PAGE_LIMIT, items_of, walk_listing
from pim.search import type_in
from pim.structure import text_of
from pim.transport import Query, api_path
from pim.vocabulary import Identity

IDENTIFIER_TYPE = "pim_catalog_identifier"


async def discover_source(caller: Caller) -> SourceFacts:
    """Ask the source about itself; raises SourceError."""
    identity = await _identity(caller)
    main_identifier = await find_main_identifier(caller)
    about = await _system_information(caller)
    return SourceFacts(
        identity=identity,
        main_identifier=main_identifier,
        version=text_of(about, "version"),
        edition=text_of(about, "edition"),
    )


async def _identity(caller: Caller) -> Identity:
    """PIM 7 and SaaS list products by uuid; 5 and 6 do not know that list, and have another.

    What is concluded here is stored for good, so it takes a list and not only a missing one.
    """
    try:
        await _ask_listing(caller, "products-uuid")
    except SourceNotFound:
        await _ask_listing(caller, "products")
        return Identity.IDENTIFIER
    return Identity.UUID


async def _ask_listing(caller: Caller, name: str) -> None:
    path = api_path(name)
    answer = await caller.get(path, {"limit": "1", "pagination_type": "search_after"})
    items_of(answer.body, path)


async def find_main_identifier(caller: Caller) -> str | None:
    """The attribute that holds the identifier; raises SourceError.

    Several are possible on SaaS, one is the main, and another one may be made that.
    """
    try:
        found = await _identifier_attributes(
            caller, {"search": dump_json(type_in([IDENTIFIER_TYPE]))}
        )
    except SourceRequestRefused:  # an old PIM does not know the filter: walk them all
        found = await _identifier_attributes(caller, {})
    main = [attribute for attribute in found if attribute.get("is_main_identifier") is True]
    return text_of((main or found or [{}])[0], "code")


async def _identifier_attributes(caller: Caller, search: Query) -> list[JsonObject]:
    path = api_path("attributes")
    own = {**search, "limit": str(PAGE_LIMIT)}
    return [
        attribute
        async for answer, _ in walk_listing(
            caller.get, path=path, own=own, base_url=caller.base_url
        )
        for attribute in items_of(answer.body, path)
        if attribute.get("type") == IDENTIFIER_TYPE
    ]


async def _system_information(caller: Caller) -> JsonObject:
    """Version and edition; a PIM before 6 does not tell, others may not be allowed to."""
    try:
        answer = await caller.get(api_path("system-information"), {})
    except (SourceNotFound, SourceUnexpectedNotFound, SourceForbidden):
        return {}
    return as_object(answer.body)
