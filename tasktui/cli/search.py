"""`tasktui search`: where a text stands in what tasks said."""

from __future__ import annotations

from typing import Final

import click

from tasktui.cli.printing import json_option, painted, print_json, print_lines, tell
from tasktui.cli.reading import now_ms, stored
from tasktui.cli.session import Session
from tasktui.cli.task_lines import SHORT
from tasktui.domain.amounts import duration
from tasktui.domain.clean import clean
from tasktui.domain.errors import InvalidError
from tasktui.domain.rows import SearchHit, UnixMs
from tasktui.domain.wire_records import SEARCH_HIT

_LIMIT: Final = 50


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="TEXT")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=_LIMIT, show_default=True, help="At most so many."
)
@json_option
@click.pass_obj
def search(session: Session, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find TEXT in prompts, messages, tool calls, results and output, the newest first."""
    text = " ".join(words)
    if not text.strip():
        raise InvalidError("There is nothing to look for. Give a text.")
    with stored(session) as reader:
        hits = reader.search(text, limit=limit) if reader is not None else None
    found = hits.items if hits is not None else ()
    if as_json:
        print_json(map(SEARCH_HIT.object, found))
    elif not found:
        tell(f"Nobody said this: {text}")
    else:
        now = now_ms()
        print_lines(hit_line(hit, now) for hit in found)
        if hits is not None and hits.more:
            tell("There is more. Show it with --limit.")


def hit_line(hit: SearchHit, now: UnixMs) -> str:
    """Return a place as one line: the task, what said it, how long ago, the words around it."""
    head = f"{painted(hit.task_id[:SHORT], 'strong')} {hit.source:<7} {duration(now - hit.ts):>6}"
    return f"{head}  {clean(hit.excerpt)}"
