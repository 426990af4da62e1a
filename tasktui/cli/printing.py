"""How commands write: lines, JSON lines, sentences for the person beside the output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final, TypeVar

import click

from tasktui.cli.session import Session
from tasktui.domain.clean import clean, spelled
from tasktui.domain.glyphs import ascii_twin
from tasktui.domain.wire import encode

F = TypeVar("F", bound=Callable[..., Any])
_AT_ONCE: Final = 200
"""Lines written together: a long listing is not flushed line by line."""

_STYLES: Final = {
    "completed": "32", "failed": "31", "running": "36", "needs": "1;33", "stopping": "33", "canceled": "35",
    "queued": "2", "muted": "2", "strong": "1",
    "good": "32", "bad": "31", "warn": "33", "ask": "1;33", "voice": "36", "person": "1;36",
}  # fmt: skip
"""Colours by name, as SGR parameters: the terminal's own sixteen."""


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")(command)


def colored() -> bool:
    """Whether standard output takes colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str, style: str) -> str:
    """Return the text in a colour, where there are any."""
    code = _STYLES.get(style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text and colored() else text


def print_lines(lines: Iterable[str]) -> None:
    """Write clean lines to standard output, with the glyphs of the settings."""
    rest = map(ascii_twin, lines) if _in_ascii() else iter(lines)
    while block := list(islice(rest, _AT_ONCE)):
        click.echo("\n".join(block), color=True)


def _in_ascii() -> bool:
    """Whether the settings of this call ask for ASCII."""
    context = click.get_current_context(silent=True)
    session = context.find_object(Session) if context is not None else None
    return session is not None and session.config.glyphs == "ascii"


def print_json(objects: Iterable[object], *, err: bool = False) -> None:
    """Write JSON, one object a line."""
    print_encoded(map(encode, objects), err=err)


def print_encoded(lines: Iterable[bytes], *, err: bool = False) -> None:
    """Write lines that are JSON already: byte for byte into a pipe, harmless onto a terminal."""
    stream = sys.stderr if err else sys.stdout
    rest = map(harmless, lines) if stream is not None and stream.isatty() else iter(lines)
    while block := list(islice(rest, _AT_ONCE)):
        click.echo(b"\n".join(block), err=err)


def harmless(line: bytes) -> bytes:
    """Return a line of JSON as a terminal may get it; it means the same."""
    return spelled(line.decode()).encode()


def tell(sentence: str) -> None:
    """Say something to the person beside the output, on standard error."""
    said = f"tasktui: {clean(sentence)}"
    click.echo(ascii_twin(said) if _in_ascii() else said, err=True)
