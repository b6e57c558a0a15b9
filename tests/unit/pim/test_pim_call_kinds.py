import pytest

from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceServerError,
    SourceTimeout,
    SourceUnreachable,
)
from pim.http.auth import TOKEN_PATH
from pim.http.call_kinds import end_of_call, kind_of_call
from pim.http.transport import api_path
from pim.vocabulary import CallKind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (TOKEN_PATH, CallKind.TOKEN),
        (api_path("products-uuid"), CallKind.PRODUCT_LIST),
        (api_path("products"), CallKind.PRODUCT_LIST),
        (api_path("products", "search"), CallKind.PRODUCT),
        (api_path("products", "a/b/c"), CallKind.PRODUCT),
        (api_path("product-models"), CallKind.MODEL_LIST),
        (api_path("product-models", "amor"), CallKind.MODEL),
        (api_path("attributes", "colour", "options"), CallKind.STRUCTURE),
        (api_path("reference-entities", "brand", "records"), CallKind.STRUCTURE),
        (api_path("system-information"), CallKind.STRUCTURE),
        (api_path("whatever", "comes"), CallKind.OTHER),
        ("api/rest/v1", CallKind.OTHER),
        ("", CallKind.OTHER),
    ],
)
def test_a_call_is_named_by_what_it_asks_for_and_never_by_a_code(path: str, kind: CallKind) -> None:
    assert kind_of_call(path) is kind


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (SourceServerError("no", status=502), "502"),
        (SourceServerError("no", status=999), "other"),
        (SourceTimeout("no"), "timeout"),
        (SourceTimeout("no", status=504), "504"),
        (SourceUnreachable("no"), "unreachable"),
        (InvalidAnswer("cut", status=200), "invalid"),
    ],
)
def test_a_failed_call_is_named_by_its_status_or_by_what_was_missing(
    error: SourceError, end: str
) -> None:
    assert end_of_call(error) == end
