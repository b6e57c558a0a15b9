"""Settings, read once in a composition root: `settings.load_settings()`."""

from settings.demo import published_demo
from settings.errors import SettingsError
from settings.loading import load_settings, read_environment
from settings.masked_logs import install_masking
from settings.masking import mask, masked_errors
from settings.model import PasswordLogin, PrefectLogin, Settings, SourceSettings, TokenLogin
from settings.proxies import proxy_changes, proxy_for, settle_proxies
from settings.root import project_root
from settings.visible import visible, visible_json, visible_lines

__all__ = [
    "PasswordLogin",
    "PrefectLogin",
    "Settings",
    "SettingsError",
    "SourceSettings",
    "TokenLogin",
    "install_masking",
    "load_settings",
    "mask",
    "masked_errors",
    "project_root",
    "proxy_changes",
    "proxy_for",
    "published_demo",
    "read_environment",
    "settle_proxies",
    "visible",
    "visible_json",
    "visible_lines",
]
