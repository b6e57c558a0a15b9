"""Proxies of the environment, made usable: the loopback is asked directly.

Where HTTP_PROXY is set and NO_PROXY does not say otherwise, HTTP clients of every make send to the
proxy even what is meant for 127.0.0.1: a worker then never finds the Prefect server beside it. So
our processes, and what they start, have the loopback in NO_PROXY. Whatever else goes through the
proxy goes on doing so, and the operator's own exceptions stay.

One entry that our HTTP client cannot read would end every call, also those it is not about.
"""

from collections.abc import Mapping, MutableMapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EXCEPTIONS = ("NO_PROXY", "no_proxy")  # Python and others prefer the second, some know the first
_URLS = ("PREFECT_API_URL", "AKENEO_BASE_URL")
_USABLE = frozenset({"http", "https"})


def proxy_changes(env: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be changed in `env`, nothing where there is no proxy.

    The loopback is exempt, by another name or number too where a URL of ours has it. A proxy of a
    kind that cannot be used is set to nothing.
    """
    proxies = _list_proxies(env)
    changes = {name: "" for name in proxies if not _is_usable(env[name])}
    given = {name: [part.strip() for part in env.get(name, "").split(",")] for name in _EXCEPTIONS}
    if len(changes) == len(proxies) or any("*" in parts for parts in given.values()):
        return changes
    ours = (_host_of(env.get(name, "")) for name in _URLS)
    present = filter(None, (_as_read(part) for parts in given.values() for part in parts))
    # Whichever of the two spellings a client reads, it finds the exceptions of both.
    text = ",".join(dict.fromkeys([*present, *LOOPBACK, *filter(_is_loopback, ours)]))
    return changes | {name: text for name in _EXCEPTIONS if env.get(name) != text}


def mend_proxies(env: MutableMapping[str, str]) -> list[str]:
    """Change `env`, this process's own, before any HTTP client is made; return lines to be said."""
    changes = proxy_changes(env)
    env.update(changes)
    return [
        f"{name} is left aside: only http:// and https:// proxies can be used; name such a one, "
        f"or unset {name}"
        for name, text in sorted(changes.items())
        if not text
    ]


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """Return the name of the variable that sends calls of `url` through a proxy; None: none does.

    As Python's HTTP clients read them: the small spelling first, `ALL_PROXY` last.
    """
    parts = urlsplit(url)
    exceptions = (env.get("no_proxy") or env.get("NO_PROXY") or "").split(",")
    if not parts.hostname or any(_is_exempt(parts, each.strip()) for each in exceptions):
        return None
    names = (f"{parts.scheme}_proxy", "all_proxy")
    spelled = (spelling for name in names for spelling in (name, name.upper()))
    return next((name for name in spelled if env.get(name, "").strip()), None)


def _is_exempt(url: SplitResult, exception: str) -> bool:
    """Tell whether an entry of NO_PROXY is about that host, or about a domain that it is in."""
    if exception == "*":
        return True
    domain = exception.rpartition("://")[2].lstrip(".").casefold()
    places = (url.hostname or "", url.netloc.rpartition("@")[2].casefold())
    return bool(domain) and any(f".{place}".endswith(f".{domain}") for place in places)


def _list_proxies(env: Mapping[str, str]) -> list[str]:
    found = [name for name, text in env.items() if text.strip() and name.lower() != "no_proxy"]
    return [name for name in found if name.lower().endswith("_proxy")]


def _is_usable(proxy: str) -> bool:
    """Tell whether our HTTP client takes it: one that it does not ends even calls it is not for."""
    scheme, separator, _ = proxy.partition("://")
    return not separator or scheme.lower() in _USABLE


def _as_read(part: str) -> str:
    """Write an exception as Python's HTTP clients read it; nothing for a network, as none does."""
    if part.startswith("["):
        part = part[1:].partition("]")[0]
    is_ipv6_network = ":" in part and "/" in part and "://" not in part
    return "" if is_ipv6_network or not part.isascii() else part


def _host_of(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:  # no URL: the settings say so
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.endswith(".localhost") or host == "localhost.localdomain"
