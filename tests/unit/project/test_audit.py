"""The audit of dependencies: what fails it, and what does not."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REPORT = {
    "dependencies": [
        {"name": "fine", "version": "1.0", "vulns": []},
        {"name": "unknown", "skip_reason": "not found"},
        {
            "name": "holed",
            "version": "2.0",
            "vulns": [
                {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.1"]},
                {"id": "PYSEC-2", "aliases": [], "fix_versions": []},
            ],
        },
    ]
}


def test_every_known_vulnerability_is_a_line_with_its_cure(audit: ModuleType) -> None:
    assert audit.list_findings(REPORT, {}) == [
        "holed 2.0: PYSEC-1, fixed in 2.1",
        "holed 2.0: PYSEC-2, not fixed yet",
    ]
    assert audit.count_unchecked(REPORT) == 1


def test_what_was_accepted_by_either_name_is_no_finding(audit: ModuleType) -> None:
    assert audit.list_findings(REPORT, {"CVE-1": "not called", "PYSEC-2": "not called"}) == []


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (None, 0, "nothing was checked"),
        ({"dependencies": REPORT["dependencies"][1:2]}, 0, "nothing was checked"),
        ({"dependencies": REPORT["dependencies"][:2]}, 0, "1 of 2 packages checked, 0 vuln"),
        (REPORT, 1, "2 of 3 packages checked, 2 vulnerabilities known"),
    ],
)
def test_only_a_known_vulnerability_fails(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], report: object, code: int, said: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "run_audit", lambda: report)
        assert audit.main() == code
    assert said in capsys.readouterr().out
