"""The examples of deployments, read as the tools read them that use them."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "deployments" / "examples"
CONTAINERS, SYSTEMD, KUBERNETES = (
    EXAMPLES / name for name in ("containers", "systemd", "kubernetes")
)
PAGES = [*sorted((ROOT / "docs").glob("deploy-*.md")), ROOT / "docs" / "several-of-each.md"]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((CONTAINERS / "compose.yaml").read_text())
UNITS = {path.name: path.read_text() for path in sorted(SYSTEMD.glob("*.service"))}
MANIFESTS: list[dict[str, Any]] = [
    each
    for path in sorted(KUBERNETES.glob("*.yaml"))
    for each in YAML(typ="safe").load_all(path.read_text())
]


@dataclass(frozen=True)
class ExamplePart:
    """One of our parts as an example runs it.

    `settings`: given beside the secrets. `ports`: those by which others reach it. `probes`: the
    paths that are asked, with the port. `grace`: seconds from being told to end to being killed.
    """

    where: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str]
    ports: tuple[int, ...]
    probes: tuple[tuple[int, str], ...]
    grace: float
    copies: int = 1
    shown: Mapping[str, str] = field(default_factory=dict)  # settings that anybody may read

    @property
    def command(self) -> str:
        return self.arguments[0]

    def __str__(self) -> str:
        return f"{self.where}-{self.command}"


def read_env(path: Path) -> dict[str, str]:
    """NAME=value lines."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: text for name, _, text in (line.partition("=") for line in lines)}


def read_commands(page: Path) -> Iterator[list[str]]:
    """The arguments of each `akeneo-sync …` that a page shows."""
    text = page.read_text()
    fenced = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += re.findall(
        r"`([^`\n]+)`", re.sub(r"^```\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    )
    for line in lines:
        shown = re.search(r"(?:\bas_sync|(?:^|[\s/])akeneo-sync) ([a-z].*)", line)
        if shown is None or shown[1].startswith("on "):  # a worker's name in Prefect
            continue
        yield [word.strip("…") for word in shlex.split(shown[1], comments=True) if word != "…"]


def fill_in(text: str) -> str:
    """As Compose does from `.env`."""
    return text.replace("${POSTGRES_PASSWORD:?}", "geheim")


def container_parts() -> Iterator[ExamplePart]:
    for service in COMPOSE["services"].values():
        if not service["image"].startswith("akeneo-sync"):
            continue
        probe = service.get("healthcheck", {}).get("test", [""])[-1]
        mapped = [each.rsplit(":", 2)[1:] for each in service.get("ports", [])]
        assert all(outside == inside for outside, inside in mapped)
        yield ExamplePart(
            "compose",
            tuple(service["command"]),
            {name: fill_in(text) for name, text in service["environment"].items()},
            tuple(int(inside) for _, inside in mapped),
            tuple(
                (int(port), path)
                for port, path in re.findall(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", probe)
            ),
            float(service.get("stop_grace_period", "10s").removesuffix("s")),
            service.get("deploy", {}).get("replicas", 1),
        )


def unit_parts() -> Iterator[ExamplePart]:
    for name, text in UNITS.items():
        keys = re.findall(r"^(\w+)=(.*)$", text.replace("%i", "8000"), re.MULTILINE)
        environment = [value for key, value in keys if key == "Environment"]
        told = dict(each.split("=", 1) for each in environment)
        (start,) = [value for key, value in keys if key == "ExecStart"]
        (grace,) = [value for key, value in keys if key == "TimeoutStopSec"]
        arguments = tuple(start.split()[1:])
        yield ExamplePart(name, arguments, told, (), (), float(grace), shown=told)


def kubernetes_parts() -> Iterator[ExamplePart]:
    (shown,) = [each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap"]
    for manifest in MANIFESTS:
        if manifest["kind"] not in {"Deployment", "Job"}:
            continue
        pod = manifest["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        ports = {each["name"]: each["containerPort"] for each in container.get("ports", [])}
        probes = [container[key]["httpGet"] for key in container if key.endswith("Probe")]
        yield ExamplePart(
            "kubernetes",
            tuple(container["args"]),
            shown | {each["name"]: "" for each in container.get("env", [])},
            tuple(ports.values()),
            tuple((ports[each["port"]], each["path"]) for each in probes),
            float(pod.get("terminationGracePeriodSeconds", 30)),
            manifest["spec"].get("replicas", 1),
            shown,
        )
