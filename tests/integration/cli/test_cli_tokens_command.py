"""`tokens` on a real store."""

import json

import pytest

from storage.state import find_token
from tests.integration.cli.shop_store import Call, Shop


def owner_of(shop: Shop, token: str) -> str | None:
    with shop.store.read() as tx:
        return find_token(tx, token)


def test_a_token_is_shown_once_and_good_until_it_is_revoked(shop: Shop, call: Call) -> None:
    made = call("tokens", "create", "webshop")
    token = made.stdout.strip()
    assert (made.exit_code, "not shown again" in made.stderr) == (0, True)
    assert owner_of(shop, token) == "webshop"

    listed = call("tokens", "list", "--json").stdout
    (entry,) = json.loads(listed)
    assert (entry["name"], entry["revoked_at"], token in listed) == ("webshop", None, False)

    assert call("tokens", "revoke", "webshop").exit_code == 0
    assert owner_of(shop, token) is None
    assert "webshop" in call("tokens", "list").stdout
    again = call("tokens", "create", "webshop").stdout.strip()
    assert owner_of(shop, again) == "webshop"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "webshop"), 1, "has a token already"),
        (("revoke", "nobody"), 1, "has no token that is good"),
        (("create",), 2, "give a NAME"),
        (("create", "my shop"), 2, "give a NAME"),
        (("list", "webshop"), 2, "give no NAME"),
        (("burn", "webshop"), 2, "burn"),
    ],
)
def test_what_cannot_be_done_is_said(
    shop: Shop, call: Call, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert shop.store is not None
    call("tokens", "create", "webshop")
    result = call("tokens", *arguments)
    assert result.exit_code == code
    assert said in result.stderr


def test_without_tokens_the_list_says_how_to_make_one(shop: Shop, call: Call) -> None:
    assert shop.store is not None
    assert "tokens create NAME" in call("tokens", "list").stdout
