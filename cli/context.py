"""What every command begins with: the settings."""

from cli.guard import say_lines
from settings import Settings, load_settings


def read_settings() -> Settings:
    """Load the settings and say their warnings on stderr.

    Raises:
        SettingsError: see `settings.load_settings`.
    """
    settings = load_settings()
    say_lines(list(settings.warnings))
    return settings
