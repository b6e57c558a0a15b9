"""The operator's table of troubles names alarms and settings that exist."""

import re
from pathlib import Path

from cli.views.status import ADVICE

ROOT = Path(__file__).parents[3]
ALARMS = (ROOT / "docs" / "when-something-fails.md").read_text()
TEXT = (ROOT / "docs" / "pim-trouble.md").read_text()
SOURCES = "".join(
    path.read_text() for folder in ("flows", "cli") for path in (ROOT / folder).rglob("*.py")
)


def test_alarms_that_the_table_names_are_raised_somewhere() -> None:
    named = set(re.findall(r"alarm `([a-z-]+)`", TEXT))
    assert len(named) > 5
    assert {name for name in named if f'"{name}"' not in SOURCES} == set()


def test_every_alarm_that_status_gives_advice_for_is_explained() -> None:
    assert {name for name in ADVICE if f"`{name}`" not in ALARMS} == set()


def test_settings_that_the_table_names_exist() -> None:
    named = set(re.findall(r"`((?:SYNC|AKENEO)_[A-Z_]+)`", TEXT))
    known = (ROOT / "README.md").read_text()
    assert named
    assert {name for name in named if name not in known} == set()
