"""The process's own input and output: there, and able to take any text."""

import errno
import io
import os
import sys

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


def speak_utf8() -> None:
    """Begin this process anew in UTF-8 mode where Python reads file names in the locale's encoding.

    Our own folder's name may hold an umlaut, which SQLite and others take in UTF-8 only. Children
    inherit the mode; the terminal is still written to as it said it can read.
    """
    is_utf8 = sys.getfilesystemencoding().lower().replace("-", "") == "utf8"
    if is_utf8 or sys.flags.ignore_environment:
        return
    terminal = f"{getattr(sys.stdout, 'encoding', None) or 'utf-8'}:backslashreplace"
    mode = {"PYTHONUTF8": "1", "PYTHONIOENCODING": terminal}
    environment = {**mode, **os.environ, "PYTHONUTF8": "1"}  # noqa: TID251 -- the interpreter's own
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 -- ourselves


def prepare_streams() -> None:
    """Open what was closed before the command began, and let no letter end it.

    A closed stream's number would go to the next file that is opened: the store, say, and what is
    written to the stream would end there. Where the terminal's encoding lacks a letter, its escape
    is shown.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 -- stays open
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 -- same
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def as_typed(argument: str) -> str:
    """Return the argument in UTF-8, also where the locale made Python read it as ASCII."""
    try:
        return argument.encode(errors="surrogateescape").decode()
    except UnicodeError:
        return argument


def silence_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere instead of failing a second time."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_unwritten_output(error: BaseException) -> bool:
    """Tell whether our output could not be written: its disk is full, or it is broken.

    An error of a file that was opened names it.
    """
    return isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE
