"""`tasktui doctor`: what could keep this installation and this data directory from working."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import click

from tasktui.cli.printing import json_option, painted, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.domain.clean import clean

_MARKS: Final = {"ok": ("✓", "good"), "note": ("·", "muted"), "warn": ("!", "warn"), "bad": ("✗", "bad")}
_LABEL: Final = 10


@click.command()
@json_option
@click.pass_obj
def doctor(session: Session, as_json: bool) -> int:
    """Check Python, agents, the data directory, the owner, leftovers, limits, logout and the terminal.

    Each line that is marked says what to do. Exits 1 where something keeps tasktui from working.
    """
    from tasktui.cli.checks import here, home, leftovers, limits, logout, owner, programs

    found = [*here.look(), *programs.look(session.config), *home.look(session)]
    if session.home.exists():
        found += owner.look(session.home)
    found += [*leftovers.look(session), *limits.look(), *logout.look()]
    if as_json:
        print_json(asdict(one) for one in found)
    else:
        print_lines(_line(one.level, one.what, f"{one.says} {one.todo}") for one in found)
    return int(any(one.level == "bad" for one in found))


def _line(level: str, what: str, says: str) -> str:
    glyph, style = _MARKS[level]
    return f"{painted(f'{glyph} {what:<{_LABEL}}', style)} {clean(says.strip())}"
