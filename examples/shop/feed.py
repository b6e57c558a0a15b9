"""The read API of the store, as this shop calls it: the feed of changes, and all products."""

from dataclasses import dataclass
from typing import Any

import httpx

WAIT_SECONDS = 30
"""How long the API waits for a change before it answers that there is none."""

Json = dict[str, Any]


class FeedError(Exception):
    """The store cannot be followed at this moment; one line says why, and what helps."""


class TokenError(FeedError):
    """The token is not good, or no longer."""


class PositionError(FeedError):
    """Changes after this position are not kept any more (410): only a bulk load helps."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes in their order, and the position after them."""

    changes: list[Json]
    position: int


class Feed:
    """Calls of the read API with one token."""

    def __init__(
        self, url: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = url
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=WAIT_SECONDS + 10,
            transport=transport,
            trust_env=False,  # the store is a neighbour: no proxy stands between
        )

    def close(self) -> None:
        """Give the connection back; a call under way ends."""
        self._http.close()

    def position(self) -> int:
        """The position of now, at which a bulk load begins.

        Raises:
            FeedError: the API did not answer as it should.
        """
        return int(self._get("/changes", {})["next"])

    def products(self, after: str | None) -> tuple[list[Json], str | None]:
        """The next products in key order, and after which key to go on; None: these were the last.

        Raises:
            FeedError: the API did not answer as it should.
        """
        query: Json = {"limit": 200} | ({} if after is None else {"after": after})
        page = self._get("/products", query)
        return page["products"], page["next"]

    def changes(self, after: int, wait: int = WAIT_SECONDS) -> Page:
        """What changed after a position, each with its document as it is now; empty after `wait`.

        Raises:
            PositionError: begin again with a bulk load.
            FeedError: the API did not answer as it should.
        """
        page = self._get("/changes", {"after": after, "documents": "true", "wait": wait})
        return Page(page["changes"], int(page["next"]))

    def _get(self, path: str, query: Json) -> Json:
        try:
            answer = self._http.get(path, params=query)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: it was closed meanwhile
            why = str(error) or type(error).__name__
            raise FeedError(
                f"the store's API at {self._url} is away ({why}): is it running?"
            ) from error
        if answer.status_code == httpx.codes.GONE:
            raise PositionError("the shop was away for longer than changes are kept")
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise TokenError(f"the store's API at {self._url} refuses the token: make another one")
        if answer.status_code != httpx.codes.OK:
            raise FeedError(f"the store's API answers {answer.status_code} to {path}: tried again")
        body: Json = answer.json()
        return body
