"""Checks of `doctor`: one module for each part of the system, each answers findings.

Outside, all parts are examined at once, and the findings shown.
"""

from cli.checks.running import examine
from cli.checks.view import findings_object, is_broken, show_findings

__all__ = ["examine", "findings_object", "is_broken", "show_findings"]
