"""`export` and `changes` through filters."""

import json

import pytest
from typer.testing import Result

from pim.vocabulary import CatalogKind
from tests.integration.cli.shop_store import Call, Shop, uuid_of
from tests.store_builders import mirror

VALUES = json.dumps(
    {
        "name": [
            {"locale": "en_US", "scope": None, "data": "Arc"},
            {"locale": "de_DE", "scope": None, "data": "Bogen"},
        ],
        "price": [{"locale": None, "scope": "print", "data": 1}],
    }
)


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """A lamp on the desk, a chair, and something without a family."""
    mirror(shop.store, CatalogKind.FAMILY, {"code": "lamps"}, {"code": "chairs"})
    mirror(shop.store, CatalogKind.CATEGORY, {"code": "desk"}, {"code": "paper"})
    mirror(shop.store, CatalogKind.LOCALE, {"code": "en_US"}, {"code": "de_DE"})
    mirror(shop.store, CatalogKind.ATTRIBUTE, {"code": "name"}, {"code": "price"})
    mirror(
        shop.store,
        CatalogKind.CHANNEL,
        {"code": "shop", "category_tree": "desk"},
        {"code": "print", "category_tree": "paper"},
    )
    shop.write("LAMP", raw=VALUES, family="lamps", categories=("desk",))
    shop.write("CHAIR", raw=VALUES, family="chairs", categories=("paper",))
    shop.write("OTHER", raw=VALUES)
    return shop


def lines_of(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "inside"),
    [
        ([], {"LAMP", "CHAIR", "OTHER"}),
        (["--family", "lamps"], {"LAMP"}),
        (["--family", "lamps", "--family", "CHAIRS"], {"LAMP", "CHAIR"}),
        (["--category", "paper"], {"CHAIR"}),
        (["--category", "paper", "--family", "lamps"], set()),
        (["--channel", "shop"], {"LAMP"}),
        (["--locale", "de_DE"], {"LAMP", "CHAIR", "OTHER"}),
    ],
)
def test_an_export_is_of_what_is_inside(
    filled: Shop, call: Call, options: list[str], inside: set[str]
) -> None:
    assert filled.store is not None
    assert {line["identifier"] for line in lines_of(call("export", *options))} == inside


def test_values_are_narrowed_and_the_source_which_has_all_is_left_out(
    filled: Shop, call: Call
) -> None:
    assert filled.store is not None
    options = ("--family", "lamps", "--locale", "de_DE", "--attribute", "name")
    (line,) = lines_of(call("export", *options, "--position"))[:-1]
    document = line["document"]
    assert isinstance(document, dict)
    (name,) = document["attributes"]["name"]["values"]
    assert (name["data"], set(document["attributes"]), line["source"]) == ("Bogen", {"name"}, None)
    (whole,) = lines_of(call("export", "--family", "lamps"))
    assert whole["source"] is not None


def test_a_product_that_leaves_is_told_as_outside_and_one_that_comes_with_its_document(
    filled: Shop, call: Call
) -> None:
    options = ("--family", "lamps")
    start = lines_of(call("export", "--position", *options))[-1]["position"]
    filled.write("LAMP", raw=VALUES, family="chairs")
    filled.write("CHAIR", raw=VALUES, family="lamps")
    told = lines_of(call("changes", "--after", str(start), "--documents", *options))
    assert [(line["key"], line["change"], line["document"] is None) for line in told] == [
        (uuid_of("LAMP"), "outside", True),
        (uuid_of("CHAIR"), "updated", False),
    ]
    bare = lines_of(call("changes", "--after", str(start), *options))
    assert [line["change"] for line in bare] == ["outside", "updated"]
    assert all("document" not in line for line in bare)


@pytest.mark.parametrize("command", [["export"], ["changes", "--after", "0"]])
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (("--channel", "shopp"), "there is no channel 'shopp'; did you mean 'shop'?"),
        (
            ("--locale", "xx"),
            "there is no locale 'xx'; name it as the PIM does: one of its 2 codes",
        ),
        (("--family", "lamp"), "there is no family 'lamp'; did you mean 'lamps'?"),
        (("--category", "\x1b[2J"), r"there is no category '\x1b[2J'; name it"),
        (("--attribute", "nam"), "there is no attribute 'nam'; did you mean 'name'?"),
    ],
)
def test_a_code_that_there_is_not_is_wrong_usage(
    filled: Shop, call: Call, command: list[str], wanted: tuple[str, str], said: str
) -> None:
    assert filled.store is not None
    result = call(*command, *wanted)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
    assert line.startswith(f"Error: Invalid value for {wanted[0]}: {said}")


def test_before_anything_is_mirrored_it_is_said_what_to_run(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    result = call("export", "--channel", "shop")
    assert result.exit_code == 2
    assert "none is mirrored yet: run `akeneo-sync reconcile --full`" in result.stderr
