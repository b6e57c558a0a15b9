import httpx
import pytest

from settings import mend_proxies, proxy_changes, proxy_for

PROXY = "http://proxy.example.com:3128"


def exceptions(env: dict[str, str]) -> list[str]:
    told = env | proxy_changes(env)
    assert told["NO_PROXY"] == told["no_proxy"]
    return told["no_proxy"].split(",")


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
)
def test_the_loopback_is_never_asked_through_a_proxy(name: str) -> None:
    assert exceptions({name: PROXY}) == ["localhost", "127.0.0.1", "::1"]


def test_the_operators_exceptions_stay_in_whichever_spelling() -> None:
    env = {"HTTP_PROXY": PROXY, "NO_PROXY": "intern.example.com, 127.0.0.1", "no_proxy": ".corp"}
    assert exceptions(env) == ["intern.example.com", "127.0.0.1", ".corp", "localhost", "::1"]
    again = env | proxy_changes(env)
    assert proxy_changes(again) == {}


@pytest.mark.parametrize("env", [{}, {"NO_PROXY": "a.example"}, {"HTTP_PROXY": " "}])
def test_nothing_is_changed_without_a_proxy(env: dict[str, str]) -> None:
    assert proxy_changes(env) == {}


@pytest.mark.parametrize("spelling", ["NO_PROXY", "no_proxy"])
def test_who_exempts_everything_has_said_it_all(spelling: str) -> None:
    assert proxy_changes({"HTTP_PROXY": PROXY, spelling: "a.example,*"}) == {}


def test_another_number_of_the_loopback_is_exempt_where_a_url_has_it() -> None:
    env = {"HTTP_PROXY": PROXY, "PREFECT_API_URL": "http://127.0.0.9:4200/api"}
    assert "127.0.0.9" in exceptions(env)


def test_a_server_elsewhere_is_asked_through_the_proxy_as_before() -> None:
    env = {"HTTP_PROXY": PROXY, "PREFECT_API_URL": "http://prefect.example.com/api"}
    assert exceptions(env) == ["localhost", "127.0.0.1", "::1"]


@pytest.mark.parametrize("entry", ["[::1]", "[::1]:4200", "fe80::/10", "müller.example"])
def test_an_exception_that_would_end_every_call_is_written_as_clients_read_it(
    entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"HTTP_PROXY": PROXY, "NO_PROXY": f"a.example,{entry}"}
    assert exceptions(env)[0] == "a.example"
    for name, text in (env | proxy_changes(env)).items():
        monkeypatch.setenv(name, text)
    httpx.Client().close()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "socks://127.0.0.1:1080/", "ftp://a"])
def test_a_proxy_of_an_unusable_kind_is_left_aside_and_said(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"ALL_PROXY": proxy, "HTTP_PROXY": PROXY}
    lines = mend_proxies(env)
    assert [line.split()[0] for line in lines] == ["ALL_PROXY"]
    for name, text in env.items():
        monkeypatch.setenv(name, text)
    httpx.Client().close()
    assert env["HTTP_PROXY"] == PROXY


@pytest.mark.parametrize(
    ("url", "env", "name"),
    [
        ("https://pim.example.com", {}, None),
        ("https://pim.example.com", {"HTTPS_PROXY": "http://proxy:3128"}, "HTTPS_PROXY"),
        ("https://pim.example.com", {"HTTP_PROXY": "http://proxy:3128"}, None),
        ("http://pim.example.com", {"http_proxy": "http://proxy:3128"}, "http_proxy"),
        ("https://pim.example.com", {"ALL_PROXY": "http://proxy:3128"}, "ALL_PROXY"),
        (
            "https://pim.example.com",
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost, .example.com"},
            None,
        ),
        (
            "https://notexample.com",
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.com"},
            "HTTPS_PROXY",
        ),
        ("https://pim.example.com", {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, None),
    ],
)
def test_the_variable_that_leads_through_a_proxy_is_known(
    url: str, env: dict[str, str], name: str | None
) -> None:
    assert proxy_for(url, env) == name
