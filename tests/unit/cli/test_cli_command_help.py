"""The help on commands and what stands behind it agree."""

import dataclasses
import inspect
from importlib import import_module
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from cli.command_help import COMMANDS, CommandEntry
from cli.commands import simulator
from cli.main import app
from simulator.config import EventPlatformConfig, Faults, SimulatorConfig

LIGHT = [
    COMMANDS[name] for name in ("status", "why", "export", "changes", "events", "replay", "discard")
]
RUNNER = CliRunner()


@pytest.mark.parametrize("entry", COMMANDS.values(), ids=lambda entry: str(entry.name))
def test_each_command_has_its_module(entry: CommandEntry) -> None:
    assert find_spec(entry.module) is not None


def test_help_lists_every_command_with_its_summary() -> None:
    shown = RUNNER.invoke(app, ["--help"]).output
    for entry in COMMANDS.values():
        assert f"  {entry.name} " in shown
        assert entry.summary in shown


@pytest.mark.parametrize("entry", LIGHT, ids=lambda entry: str(entry.name))
def test_each_help_says_what_it_does_an_example_and_the_exit_codes(entry: CommandEntry) -> None:
    result = RUNNER.invoke(app, [entry.name, "--help"], terminal_width=200)

    assert result.exit_code == 0
    assert entry.summary in result.output
    assert f"akeneo-sync {entry.examples[0]}" in result.output
    assert "1  could not be done" in result.output


def test_every_setting_of_the_simulator_is_an_option() -> None:
    options = set(inspect.signature(simulator.run).parameters)
    nested = {"faults", "platform"}
    fields = {field.name for field in dataclasses.fields(SimulatorConfig)} - nested
    faults = {field.name for field in dataclasses.fields(Faults)}
    platform = {f"platform_{field.name}" for field in dataclasses.fields(EventPlatformConfig)}

    assert options == fields | faults | platform


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nurse"], "No such command 'nurse'"),
        (["satus"], "No such command 'satus'"),
        (["why"], "Missing argument"),
        (["events", "--outcome", "lost"], "'lost' is none of due, waiting, held, applied"),
        (["replay"], "--all"),
        (["discard", "--all"], "Missing option '--note'"),
        (["discard", "--all", "--note", "  "], "say why"),
        (["export", "--everything"], "No such option"),
        (["changes"], "Missing option '--after'"),
        (["changes", "--after", "-1"], "--after"),
        (["simulator", "--drop", "2"], "less than or equal to 1"),
        (["simulator", "--webhook-url", "http://x.test"], "needs --webhook-secret"),
        (["simulator", "--platform-url", "http://x.test"], "between 16 and 256 characters"),
    ],
)
def test_wrong_usage_is_two(arguments: list[str], said: str) -> None:
    result = RUNNER.invoke(app, arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_without_a_command_the_help_is_shown() -> None:
    result = RUNNER.invoke(app, [])
    assert "Commands:" in result.output
    assert result.exit_code == 2


def test_the_version_is_the_packages() -> None:
    assert RUNNER.invoke(app, ["--version"]).output.strip() == "0.1.0"


def test_each_module_named_is_the_commands_own() -> None:
    assert import_module(COMMANDS["status"].module).run.__module__ == "cli.commands.status"
