"""Completion of the names of lanes and schedules, over what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tasktui.cli.reading import stored
from tasktui.cli.session import Session
from tasktui.cli.whole_facts import whole_facts
from tasktui.domain.clean import clean
from tasktui.domain.errors import StoreError, TasktuiError
from tasktui.domain.facts import Facts

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from tasktui.store.sqlite.reader import Reader


def complete_lanes(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return lanes that hold tasks, or were set."""
    return _named(ctx, incomplete, _lanes)


def complete_schedules(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what recurs."""
    return _named(ctx, incomplete, _schedules)


def _named(
    ctx: click.Context, incomplete: str, names: Callable[[Reader], Iterable[tuple[str, str]]]
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    session = Session({"home": ctx.find_root().params.get("home")})
    try:
        with stored(session) as reader:
            found = dict(names(reader)) if reader is not None else {}
    except (TasktuiError, StoreError):
        return []
    return [
        CompletionItem(name, help=clean(told)) for name, told in found.items() if name.startswith(incomplete)
    ]


def _lanes(reader: Reader) -> Iterable[tuple[str, str]]:
    for lane, _, _ in reader.lane_counts():
        yield lane, "lane"
    for fact in whole_facts(reader, "lane.changed"):
        yield Facts(fact.data).text("lane"), "lane"


def _schedules(reader: Reader) -> Iterable[tuple[str, str]]:
    known: dict[str, str] = {}
    for event in whole_facts(reader, "schedule.set", "schedule.stopped"):
        fact = Facts(event.data)
        if event.type == "schedule.set":
            known[fact.text("schedule_id")] = f"every {fact.record('spec').text('every')}"
        else:
            known.pop(fact.text("schedule_id"), None)
    return known.items()
