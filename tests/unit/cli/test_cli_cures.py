"""What helps: a cure of its own for each cause, in one line."""

import pytest

from cli.cures import find_cure, find_list_cure
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceHungUp,
    SourceNotFound,
    SourceRateLimited,
    SourceRedirected,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)

AT_HOME = "https://pim.example.com/shop"
LIST = "api/rest/v1/products-uuid"
LOGIN = "api/oauth/v1/token"
PAGE = "<html><head><title>Access denied</title>"


def unreachable(detail: str) -> SourceUnreachable:
    return SourceUnreachable(f"the connection failed: {detail}", method="POST", path=LOGIN)


def refused(message: str, status: int | None = 422) -> SourceUnauthorized:
    return SourceUnauthorized(f"credentials refused: {message}", path=LOGIN, status=status)


CAUSES: list[tuple[SourceError, str]] = [
    (unreachable("[Errno -2] Name or service not known"), "no such host"),
    (unreachable("[Errno 8] nodename nor servname provided, or not known"), "no such host"),
    (unreachable("[Errno -3] Temporary failure in name resolution"), "resolv.conf"),
    (unreachable("All connection attempts failed"), "nothing listens there"),
    (SourceUnreachable("no connection in time"), "open the firewall"),
    (unreachable("[Errno 113] No route to host"), "open the firewall"),
    (
        unreachable("certificate verify failed: self-signed certificate (_ssl.c:1006)"),
        "SSL_CERT_FILE",
    ),
    (
        unreachable("certificate verify failed: unable to get local issuer certificate"),
        "SSL_CERT_FILE",
    ),
    (unreachable("certificate verify failed: certificate has expired"), "renew the certificate"),
    (
        unreachable("certificate verify failed: Hostname mismatch, certificate is not valid for"),
        "another host's",
    ),
    (unreachable("[SSL: WRONG_VERSION_NUMBER] wrong version number"), "write http://"),
    (unreachable("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] handshake failure"), "TLS 1.2"),
    (unreachable("407 Proxy Authentication Required"), "wants a login"),
    (unreachable("Server disconnected without sending a response."), "may want https://"),
    (SourceHungUp("the connection broke before an answer"), "may want https://"),
    (SourceUnreachable("the base URL cannot be called: no host"), "is no address"),
    (
        refused('{"code":422,"message":"Parameter \\"client_id\\" is missing or does not match"}'),
        "AKENEO_CLIENT_SECRET",
    ),
    (
        refused('{"code":422,"message":"No user found for the given username and password"}'),
        "AKENEO_PASSWORD",
    ),
    (refused("the App's access token is not accepted", None), "AKENEO_ACCESS_TOKEN"),
    (
        SourceUnauthorized(
            "the source refuses the token", path=LIST, status=401, excerpt='{"code":401}'
        ),
        "header Authorization",
    ),
    (
        SourceUnauthorized("the source refuses the token", path=LIST, status=401, excerpt=PAGE),
        "login of its own",
    ),
    (
        SourceForbidden(
            "the source denies a right",
            path="api/rest/v1/families/lamps/variants",
            status=403,
            excerpt='{"code":403,"message":"Access forbidden."}',
        ),
        'tick "Overall Web API access" and "List family variants"',
    ),
    (
        SourceForbidden("the source denies a right", path=LIST, status=403, excerpt=PAGE),
        "firewall or proxy",
    ),
    (
        SourceRequestRefused("the source refuses", path=LIST, status=418, excerpt="I'm a teapot"),
        "firewall or proxy",
    ),
    (
        SourceRateLimited("fewer calls", path=LIST, status=429, excerpt=PAGE),
        "more often than now",
    ),
    (
        SourceRateLimited("fewer calls", path=LIST, status=429, excerpt='{"code":429}'),
        "asks for a pause",
    ),
    (SourceUnexpectedNotFound("not found", path=LOGIN, status=404, excerpt=PAGE), "/user/login"),
    (
        SourceRedirected(
            f"the source redirects to https://pim.example.com/shop/{LOGIN}", path=LOGIN
        ),
        "set AKENEO_BASE_URL to https://pim.example.com/shop",
    ),
    (
        SourceRedirected("the source redirects to https://www.example.com/", path=LOGIN),
        "set AKENEO_BASE_URL to https://www.example.com",
    ),
    (
        SourceRedirected("the source redirects to https://id.example.com/sso/start", path=LIST),
        "exempt",
    ),
    (SourceRedirected("the source redirects to no place", path=LIST), "/user/login"),
    (
        InvalidAnswer("the answer is no JSON, or cut", path=LIST, status=200, excerpt=PAGE),
        "web page",
    ),
    (InvalidAnswer("the answer is no JSON, or cut", path=LOGIN, status=200), "not the PIM's API"),
    (InvalidAnswer("the answer was cut: peer closed", path=LIST), "breaks answers off"),
    (SourceServerError("the source failed", path=LIST, status=500), "var/logs"),
    (SourceServerError("the source failed", path=LIST, status=502), "behind it is not"),
    (SourceTimeout("no whole answer in 60 s", path=LIST), "SYNC_CALL_TIMEOUT_SECONDS"),
    (SourceTimeout("its proxy did not wait", path=LIST, status=504), "overloaded"),
]


@pytest.mark.parametrize(("error", "cure"), CAUSES, ids=lambda each: str(each)[:50])
def test_each_cause_has_its_own_cure(error: SourceError, cure: str) -> None:
    told = find_cure(error)
    assert told is not None
    assert cure in told
    assert told.isprintable()


def test_no_two_causes_are_told_the_same() -> None:
    meant: dict[str | None, set[str]] = {}
    for error, cure in CAUSES:
        meant.setdefault(find_cure(error), set()).add(cure)
    assert [causes for causes in meant.values() if len(causes) > 1] == []


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (
            SourceForbidden("denied", status=403, excerpt='{"code": 403}'),
            'tick "Overall Web API access" and "List currencies"',
        ),
        (SourceForbidden("denied", status=403, excerpt=PAGE), "this path it does not let pass"),
        (
            SourceNotFound("unknown", status=404, excerpt='{"code":404,"message":"No route"}'),
            "its version is older",
        ),
        (SourceUnexpectedNotFound("no", status=404, excerpt=PAGE), "this path it does not let"),
        (
            SourceRequestRefused("no", status=422, excerpt='{"code":422,"message":"filter"}'),
            "may be one that we do not know",
        ),
    ],
)
def test_a_list_that_alone_is_refused_has_one_too(error: SourceError, cure: str) -> None:
    assert cure in find_list_cure("currencies", error)
