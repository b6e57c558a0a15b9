"""Reading `.env`: what it sets, and what in it is surely not meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from settings.errors import SettingsError


@dataclass(frozen=True, slots=True)
class DotenvFile:
    """What a file sets, names set to nothing left out; `remarks` are lines for the operator."""

    values: dict[str, str]
    remarks: tuple[str, ...] = ()


def read_dotenv(path: Path) -> DotenvFile:
    """Read the file, without expanding `${…}`: passwords may hold it. None there sets nothing.

    Raises:
        SettingsError: it cannot be read, or a line of it cannot: what it was to set is unknown.
    """
    try:
        # utf-8-sig: some editors begin a file with a byte order mark, which would hide a name.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return DotenvFile({})
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeError) else str(error.strerror)
        raise SettingsError(
            [f"{path} cannot be read: {reason}; mend the file or its rights, or remove it"]
        ) from error
    bindings = list(parse_stream(StringIO(text)))
    problems = [_describe_line(path, binding) for binding in bindings if binding.error]
    if problems:
        raise SettingsError(problems)
    return _collect(path, bindings)


def _describe_line(path: Path, binding: Binding) -> str:
    return (
        f"{path} line {binding.original.line} cannot be read: it is not NAME=value, or a quote is "
        "not closed; mend it, or begin it with #"
    )


def _collect(path: Path, bindings: Iterable[Binding]) -> DotenvFile:
    values: dict[str, str] = {}
    remarks: list[str] = []
    for binding in bindings:
        if binding.key is None:  # a comment, or an empty line
            continue
        value = (binding.value or "").strip()
        if values.get(binding.key, value) != value:
            line = binding.original.line
            remarks.append(
                f"{binding.key} is set twice in {path}, and line {line} counts; remove the other"
            )
        values[binding.key] = value
    return DotenvFile({name: value for name, value in values.items() if value}, tuple(remarks))
