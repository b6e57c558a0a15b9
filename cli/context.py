"""What every command begins with: the settings."""

from cli.guard import say_lines
from settings import Settings, install_masking, load_settings


def read_settings(*, use_demo: bool = True) -> Settings:
    """Load the settings and say their warnings on stderr.

    `use_demo`: a running demo's PIM stands in where none is configured.

    Raises:
        SettingsError: see `settings.load_settings`.
    """
    settings = load_settings(use_demo=use_demo)
    install_masking(settings)
    say_lines(list(settings.warnings))
    return settings
