"""Settings, read once in a composition root: `settings.load_settings()`.

Used from outside: these names; `settings.log_lines` is imported by its own name, for its formatter
is a library that most commands do without.
"""

from settings.demo import demo_file, published_demo
from settings.foreign_text import STEERING, visible, visible_json, visible_lines
from settings.loading import load_settings, read_environment
from settings.masking import hide_also, install_masking, mask, masked_errors
from settings.model import (
    ApiSettings,
    EventPlatform,
    PasswordLogin,
    PrefectLogin,
    Retention,
    Settings,
    SettingsError,
    SourceSettings,
    TokenLogin,
    project_root,
)
from settings.proxies import mend_proxies, proxy_changes, proxy_for
from settings.urls import parse_webhook_url

__all__ = [
    "STEERING",
    "ApiSettings",
    "EventPlatform",
    "PasswordLogin",
    "PrefectLogin",
    "Retention",
    "Settings",
    "SettingsError",
    "SourceSettings",
    "TokenLogin",
    "demo_file",
    "hide_also",
    "install_masking",
    "load_settings",
    "mask",
    "masked_errors",
    "mend_proxies",
    "parse_webhook_url",
    "project_root",
    "proxy_changes",
    "proxy_for",
    "published_demo",
    "read_environment",
    "visible",
    "visible_json",
    "visible_lines",
]
