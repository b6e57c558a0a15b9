"""Facts of a source: what it calls its products and which version it is; and if it still is."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from pim.blame import is_of_a_route
from pim.canonical import dump_json
from pim.errors import (
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceRateLimited,
    SourceRequestRefused,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from pim.http import Caller, api_path
from pim.json_types import JsonObject, as_object
from pim.reading.paging import PAGE_LIMIT, items_of
from pim.reading.walking import walk_listing
from pim.search import Query, type_in
from pim.structure import text_of
from pim.vocabulary import Identity

log = logging.getLogger(__name__)

T = TypeVar("T")

_AWAY = (SourceUnreachable, SourceTimeout, SourceUnauthorized, SourceRateLimited)

IDENTIFIER_TYPE = "pim_catalog_identifier"


@dataclass(frozen=True, slots=True)
class FoundFacts:
    """What was found out when a source was asked anew; None: it did not tell, or not for sure."""

    identity: Identity | None = None
    main_identifier: str | None = None
    version: str | None = None
    edition: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether it told nothing at all."""
        return self == FoundFacts()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is found out once per source; `version` and `edition` None where it does not tell."""

    identity: Identity
    main_identifier: str | None
    version: str | None
    edition: str | None


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


async def look_again(caller: Caller) -> FoundFacts:
    """Ask a known source about itself anew: what fails, or is answered oddly, says nothing.

    A source that is away is asked one question only.
    """
    try:
        identity = await _told(_identity(caller))
        main_identifier = await _told(find_main_identifier(caller))
        about = await _told(_system_information(caller)) or {}
    except _AWAY as error:
        log.info("the source could not be asked what it is: %s", error)
        return FoundFacts()
    return FoundFacts(
        identity, main_identifier, text_of(about, "version"), text_of(about, "edition")
    )


async def _told(asked: Awaitable[T]) -> T | None:
    try:
        return await asked
    except _AWAY:
        raise
    except SourceError as error:  # what was known will do
        log.info("the source did not say all of what it is: %s", error)
        return None


async def _identity(caller: Caller) -> Identity:
    """PIM 7 and SaaS list products by uuid; 5 and 6 do not know that list, and have another.

    What is concluded here decides what products are keyed by, so it takes a list, and not only
    Akeneo's own word that the other one does not exist.
    """
    try:
        await _ask_listing(caller, "products-uuid")
    except SourceNotFound as error:
        if not is_of_a_route(error):
            raise
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
        async for walked in walk_listing(caller.get, path=path, own=own, base_url=caller.base_url)
        for attribute in map(as_object, walked.items)
        if attribute.get("type") == IDENTIFIER_TYPE
    ]


async def _system_information(caller: Caller) -> JsonObject:
    """Version and edition; a PIM before 6 does not tell, others may not be allowed to."""
    try:
        answer = await caller.get(api_path("system-information"), {})
    except (
        SourceNotFound,
        SourceUnexpectedNotFound,
        SourceForbidden,
        SourceRequestRefused,
    ):
        return {}
    return as_object(answer.body)
