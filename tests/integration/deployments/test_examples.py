"""The examples of deployments say what is true of the code: commands, settings, ports, probes."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from packaging.specifiers import SpecifierSet
from prefect.settings import Settings as PrefectSettings
from prefect.settings.legacy import _get_valid_setting_names
from ruamel.yaml import YAML

from api.app import build_app as build_api
from api.config import ApiConfig
from cli.command_help import COMMANDS
from cli.main import load_command
from deployments.prefect_env import prefect_api_url
from deployments.up.plan import _WORKER_STOP_SECONDS
from receiver.app import EVENT_PLATFORM_PATH, EVENTS_API_PATH, NOTICES_PATH, build_app
from scripts.floor_modules import PACKAGES
from settings import Settings, load_settings
from settings.values import Values
from storage import migrate, open_store
from tests.integration.deployments.example_files import (
    COMPOSE,
    CONTAINERS,
    EXAMPLES,
    KUBERNETES,
    MANIFESTS,
    PAGES,
    ROOT,
    SYSTEMD,
    UNITS,
    ExamplePart,
    container_parts,
    fill_in,
    kubernetes_parts,
    read_commands,
    read_env,
    unit_parts,
)
from tests.served_app import patient
from tests.shop import SilentTrigger

PARTS = [*container_parts(), *unit_parts(), *kubernetes_parts()]
ENV_FILES = sorted(EXAMPLES.rglob("*env.example"))
SERVING = {"receiver", "api", "prefect"}
EVERYWHERE = "0.0.0.0"  # noqa: S104 - to compare with
FOREIGN = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}  # of PostgreSQL's own image
SECRETS = {
    name.upper() for name, info in Values.model_fields.items() if "SecretStr" in str(info)
} | {"PREFECT_SERVER_DATABASE_CONNECTION_URL", "POSTGRES_PASSWORD"}
FILLED = {
    "AKENEO_BASE_URL": "https://pim.example.com",
    "AKENEO_CLIENT_ID": "id",
    "AKENEO_CLIENT_SECRET": "client-secret",
    "AKENEO_USERNAME": "user",
    "AKENEO_PASSWORD": "password",
    "AKENEO_WEBHOOK_SECRETS": "webhook-secret",
    "PREFECT_API_AUTH_STRING": "admin:password",
    "SYNC_DATABASE_URL": "postgresql://user:password@postgres/akeneo_sync",
    "PREFECT_API_URL": "http://127.0.0.1:4200/api",
}


def parse_arguments(arguments: list[str] | tuple[str, ...]) -> None:
    """Parse them as the command line does, and run nothing."""
    entry, rest = COMMANDS[arguments[0]], list(arguments[1:])
    command = load_command(entry)
    context = command.make_context(entry.name, rest)
    if entry.parts:
        name, part, rest = command.resolve_command(
            context, [*context.protected_args, *context.args]
        )
        part.make_context(name, rest)


def settings_of(part: ExamplePart, root: Path) -> Settings:
    """What a part reads: an example's settings over filled-in secrets."""
    return load_settings(FILLED | dict(part.settings), root=root)


def test_every_command_has_a_part_in_every_example() -> None:
    started = {part.command for part in PARTS if part.where == "compose"}
    assert started == {"migrate", "deploy", "receiver", "worker", "api", "prefect"}
    assert {part.command for part in kubernetes_parts()} == started
    assert {part.command for part in unit_parts()} == started - {"migrate", "deploy"}


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_an_example_starts_a_command_that_there_is(part: ExamplePart) -> None:
    parse_arguments(part.arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_a_page_shows_commands_that_there_are(page: Path) -> None:
    shown = list(read_commands(page))
    assert shown
    for arguments in shown:
        parse_arguments(arguments)


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    with pytest.raises(Exception, match=r"(?i)no such option"):
        parse_arguments(["prefect", "--address", "x"])


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_settings_of_an_example_are_usable_and_without_a_remark(
    part: ExamplePart, tmp_path: Path
) -> None:
    assert settings_of(part, tmp_path).warnings == ()


def test_examples_name_settings_that_there_are() -> None:
    named = {f"{part}": set(part.settings) for part in PARTS}
    named |= {str(path.relative_to(ROOT)): set(read_env(path)) for path in ENV_FILES}
    pattern = r"\b(?:SYNC|AKENEO|PREFECT)_[A-Z_]*[A-Z]\b"
    named |= {page.name: set(re.findall(pattern, page.read_text())) for page in PAGES}
    ours = {name.upper() for name in Values.model_fields}
    known = ours | _get_valid_setting_names(PrefectSettings) | FOREIGN
    assert {where: names - known for where, names in named.items() if names - known} == {}
    assert len(named) > len(PARTS) + 4


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_ports_are_those_on_which_the_part_listens(part: ExamplePart, tmp_path: Path) -> None:
    told = settings_of(part, tmp_path)
    listening = {
        "receiver": told.port,
        "api": told.api.port,
        "prefect": told.prefect_server_port,
    }.get(part.command)
    assert {*part.ports, *(port for port, _ in part.probes)} <= {listening}
    if part.where != "compose" and listening is not None and not part.where.endswith(".service"):
        assert part.ports == (listening,)


@pytest.mark.parametrize("part", [part for part in PARTS if part.command in SERVING], ids=str)
def test_a_part_in_a_container_listens_to_others_and_one_on_a_machine_does_not(
    part: ExamplePart, tmp_path: Path
) -> None:
    told = settings_of(part, tmp_path)
    heard = {"receiver": told.host, "api": told.api.host, "prefect": " ".join(part.arguments)}
    is_unit = part.where.endswith(".service")
    assert (EVERYWHERE in heard[part.command]) is not is_unit


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[str]]]:
    """The paths that each part serves."""
    folder = tmp_path_factory.mktemp("examples")
    url = f"sqlite:///{folder}/store.db"
    migrate(url)
    with closing(open_store(url)) as store:
        receiver = build_app(patient("x"), store, SilentTrigger())
        api = build_api(ApiConfig(), store)
        health = urlsplit(f"{prefect_api_url(load_settings({}, root=folder))}/health").path
        yield {
            "receiver": {getattr(route, "path", "") for route in receiver.routes},
            "api": {getattr(route, "path", "") for route in api.routes},
            "prefect": {health},
        }


@pytest.mark.parametrize("part", [part for part in PARTS if part.probes], ids=str)
def test_a_probe_asks_for_a_path_that_is_served(
    part: ExamplePart, paths: dict[str, set[str]]
) -> None:
    assert {path for _, path in part.probes} <= paths[part.command]


def test_every_part_that_serves_is_probed() -> None:
    probed = {(part.where, part.command) for part in PARTS if part.probes}
    assert probed == {
        (where, command) for where in ("compose", "kubernetes") for command in SERVING
    }


def test_balancer_asks_receivers_and_passes_what_they_take(paths: dict[str, set[str]]) -> None:
    config = (CONTAINERS / "haproxy.cfg").read_text()
    (asked,) = re.findall(r"httpchk GET (\S+)", config)
    (passed,) = re.findall(r"path_beg (\S+)", config)
    (inside,) = [each.rsplit(":", 1)[1] for each in COMPOSE["services"]["balancer"]["ports"]]
    assert asked in paths["receiver"]
    assert all(
        path.startswith(passed) for path in (EVENTS_API_PATH, EVENT_PLATFORM_PATH, NOTICES_PATH)
    )
    assert not any(path.startswith(passed) for path in ("/metrics", asked, "/openapi.json"))
    assert f"bind :{inside}\n" in config
    assert re.search(r"server-template \S+ \d+ receiver:8000\n", config)


def test_parts_find_prefect_and_database_by_names_that_are_there() -> None:
    services = set(COMPOSE["services"])
    for part in container_parts():
        named = [urlsplit(text).hostname for text in part.settings.values() if "://" in text]
        assert {each for each in named if each} <= services
    there = {each["metadata"]["name"] for each in MANIFESTS if each["kind"] == "Service"}
    (shown,) = [each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap"]
    assert urlsplit(shown["PREFECT_API_URL"]).hostname in there


def test_prefects_database_is_made_beside_the_stores() -> None:
    made = re.findall(r"CREATE DATABASE (\w+);", (CONTAINERS / "databases.sql").read_text())
    url = COMPOSE["services"]["prefect"]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert made == [urlsplit(fill_in(url)).path.lstrip("/")]


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_a_part_has_the_time_that_it_needs_to_end(part: ExamplePart) -> None:
    needed = {"worker": _WORKER_STOP_SECONDS, "receiver": 10.0, "api": 10.0}
    assert part.grace >= needed.get(part.command, 0)


def test_receivers_and_workers_are_two() -> None:
    several = {part.command: part.copies for part in PARTS if part.where == "compose"}
    assert (several["receiver"], several["worker"]) == (2, 2)
    assert "receiver: " not in COMPOSE["services"]["receiver"].get("ports", [])


def test_no_secret_is_in_an_example() -> None:
    written = {name: text for part in PARTS for name, text in part.shown.items()}
    for path in ENV_FILES:
        written |= read_env(path)
    for service in COMPOSE["services"].values():
        written |= service.get("environment", {})
    blanks = ("${POSTGRES_PASSWORD:?}", "PASSWORD")
    told = {name for name in SECRETS & written.keys() if written[name]}
    assert not {name for name in told if not any(blank in written[name] for blank in blanks)}
    assert not SECRETS & {name for part in kubernetes_parts() for name in part.shown}
    containerfile = (CONTAINERS / "Containerfile").read_text()
    assert not re.search(
        r"^(ARG|ENV)\b.*\b(SYNC|AKENEO|PREFECT|POSTGRES)_", containerfile, re.MULTILINE
    )


def test_image_holds_what_the_parts_need_and_runs_as_nobody_in_particular() -> None:
    text = (CONTAINERS / "Containerfile").read_text()
    sources = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert set(PACKAGES) <= sources
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    assert {f"!{source}" for source in sources} == {line for line in ignored if line[:1] == "!"}
    assert "*" in ignored
    assert re.search(r"--require-hashes --requirement requirements\.lock\b", text)
    supported = re.search(r'requires-python = "([^"]+)"', (ROOT / "pyproject.toml").read_text())
    versions = re.findall(r"^FROM docker\.io/library/python:([\d.]+)-slim", text, re.MULTILINE)
    assert supported
    assert versions
    assert all(SpecifierSet(supported[1]).contains(version) for version in versions)
    (user,) = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert int(user) > 0
    assert f"--uid {user}" in text
    assert text.count("\nUSER ") == 1
    assert text.index("\nUSER ") > text.index("\nRUN useradd")
    exposed = re.findall(r"^EXPOSE (.*)$", text, re.MULTILINE)
    bare = load_settings({}, root=CONTAINERS)
    assert exposed == [f"{bare.port} {bare.api.port} {bare.prefect_server_port}"]
    assert 'ENTRYPOINT ["akeneo-sync"]' in text


def test_containers_may_do_nothing_that_they_need_not() -> None:
    for service in COMPOSE["services"].values():
        if service["image"].startswith("akeneo-sync"):
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")
    for manifest in MANIFESTS:
        if manifest["kind"] in {"Deployment", "Job"}:
            pod = manifest["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            assert pod["securityContext"]["runAsNonRoot"]
            assert not pod["enableServiceLinks"]
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert not container["securityContext"]["allowPrivilegeEscalation"]


def test_manifests_are_put_together_and_select_each_other() -> None:
    names = {path.name for path in KUBERNETES.glob("*.yaml")}
    (listed,) = [each["resources"] for each in MANIFESTS if each["kind"] == "Kustomization"]
    assert set(listed) == names - {"kustomization.yaml", "migrate.yaml", "deploy.yaml"}
    labels = [
        each["spec"]["template"]["metadata"]["labels"]
        for each in MANIFESTS
        if each["kind"] == "Deployment"
    ]
    for manifest in MANIFESTS:
        selector = manifest.get("spec", {}).get("selector", {})
        selected = selector.get("matchLabels", selector)
        if selected:
            assert labels.count(selected) == 1


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl (no cluster)")
@pytest.mark.parametrize("path", sorted(KUBERNETES.glob("*.yaml")), ids=lambda path: str(path.name))
def test_manifests_have_no_field_that_kubernetes_does_not_know(path: Path, tmp_path: Path) -> None:
    if path.name == "kustomization.yaml":
        put_together = kubectl("kustomize", str(KUBERNETES))
        assert put_together.count("kind: Deployment") == 4
        return
    for wanted in YAML(typ="safe").load_all(path.read_text()):
        kind = wanted["kind"]
        (tmp_path / kind).write_text(json.dumps(wanted))
        if kind not in {"Deployment", "Job"}:
            assert kubectl("label", "--local", "-f", str(tmp_path / kind), "a=b", "-o", "name")
            continue
        # Read into Kubernetes' own types and written again: what those do not have is gone.
        told = kubectl("set", "env", "--local", "-f", str(tmp_path / kind), "X=y", "-o", "yaml")
        assert list_lost(wanted, YAML(typ="safe").load(told)) == []


def kubectl(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - an example of ours
        ["kubectl", *arguments],  # noqa: S607 - wherever it is
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def list_lost(wanted: object, read: object, place: str = "") -> list[str]:
    """The places of what is in `wanted` and not in `read`."""
    if isinstance(wanted, dict) and isinstance(read, dict):
        return [
            lost
            for key, value in wanted.items()
            for lost in list_lost(value, read.get(key), f"{place}.{key}")
        ]
    if isinstance(wanted, list) and isinstance(read, list) and len(wanted) <= len(read):
        pairs = enumerate(zip(wanted, read, strict=False))  # kubectl adds behind
        return [lost for number, (a, b) in pairs for lost in list_lost(a, b, f"{place}[{number}]")]
    return [] if wanted in (read, {}) else [place]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_units_are_understood_by_systemd(tmp_path: Path) -> None:
    for name, text in UNITS.items():
        # Its command must be there, and a template is looked at by an instance.
        there = re.sub(r"/opt/\S+/akeneo-sync", sys.executable, text)
        (tmp_path / name.replace("@.", "@8000.")).write_text(there)
    shutil.copy(SYSTEMD / "akeneo-sync.target", tmp_path)
    done = subprocess.run(  # noqa: S603 - units of ours
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],  # noqa: S607 - same
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    said = [line for line in done.stderr.splitlines() if "akeneo-sync" in line]
    assert (done.returncode, said) == (0, [])


def test_units_are_hardened_alike_and_belong_to_the_target() -> None:
    common = [
        set(
            re.findall(
                r"^(?:NoNew|Private|Protect|Restrict|Lock|Cap|User|Group|State).*$",
                text,
                re.MULTILINE,
            )
        )
        for text in UNITS.values()
    ]
    assert len(common[0]) > 12
    assert all(each == common[0] for each in common)
    assert all("PartOf=akeneo-sync.target" in text for text in UNITS.values())
    assert all("WantedBy=akeneo-sync.target" in text for text in UNITS.values())
    files = {
        path
        for text in UNITS.values()
        for path in re.findall(r"^EnvironmentFile=(\S+)", text, re.MULTILINE)
    }
    assert files == {
        f"/etc/akeneo-sync/{path.name.removesuffix('.example')}"
        for path in SYSTEMD.glob("*env.example")
    }
