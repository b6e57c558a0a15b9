"""Tokens of the read API: who may read, by a name. The token itself only its user has."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update

from storage.database import Transaction, changed_rows
from storage.tables import ApiToken, table_of

_TOKEN = table_of(ApiToken)
_PREFIX = "aks_"  # so that scanners of repositories know one
_BYTES = 32


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token's name, and since when it is good, or no longer is."""

    name: str
    made_at: datetime
    revoked_at: datetime | None


def make_token(tx: Transaction, name: str, *, now: datetime) -> str | None:
    """Make a token and answer it, this once; None: the name has one that is good.

    A name whose token was revoked gets a new one.
    """
    token = _PREFIX + secrets.token_urlsafe(_BYTES)
    row = {"name": name, "digest": _digest(token), "made_at": now, "revoked_at": None}
    insert = tx.insert_into(_TOKEN).values(row)
    made = insert.on_conflict_do_update(
        index_elements=[_TOKEN.c.name],
        set_={column: insert.excluded[column] for column in ("digest", "made_at", "revoked_at")},
        where=_TOKEN.c.revoked_at.is_not(None),
    )
    is_made = tx.execute(made.returning(_TOKEN.c.name)).first() is not None
    return token if is_made else None


def revoke_token(tx: Transaction, name: str, *, now: datetime) -> bool:
    """Make a name's token worthless; False: it has none that is good."""
    good = update(_TOKEN).where(_TOKEN.c.name == name, _TOKEN.c.revoked_at.is_(None))
    return changed_rows(tx.execute(good.values(revoked_at=now))) == 1


def list_tokens(tx: Transaction) -> list[TokenView]:
    """List the tokens by name, revoked ones too."""
    rows = tx.execute(select(_TOKEN).order_by(_TOKEN.c.name))
    return [TokenView(row.name, row.made_at, row.revoked_at) for row in rows]


def find_token(tx: Transaction, token: str) -> str | None:
    """Find whose token this is; None: nobody's, or revoked.

    Found by the digest of what was sent: how long that takes says nothing about other tokens.
    """
    good = select(_TOKEN.c.name).where(_TOKEN.c.revoked_at.is_(None))
    named = tx.execute(good.where(_TOKEN.c.digest == _digest(token)))
    name: str | None = named.scalar_one_or_none()
    return name


def _digest(token: str) -> str:
    """A plain hash is enough for what has 256 random bits."""
    return sha256(token.encode()).hexdigest()
