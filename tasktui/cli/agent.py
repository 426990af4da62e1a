"""`tasktui agent`: give a coding agent a task and follow what it does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from tasktui.cli.container_options import container_options, take_container
from tasktui.cli.printing import json_option, print_json, print_lines
from tasktui.cli.session import Session
from tasktui.cli.submitting import submit
from tasktui.cli.task_options import task_options
from tasktui.domain.errors import InvalidError
from tasktui.service.owner import read_owner

if TYPE_CHECKING:
    from tasktui.executors.agents.presets import Preset


@click.command()
@click.argument("preset", required=False)
@click.argument("prompt", required=False)
@click.option("-d", "--detach", is_flag=True, help="Print the id and return.")
@click.option("--list", "listing", is_flag=True, help="List the agents, and which of them are installed.")
@click.option("--model", help="The model, in the agent's own words.")
@click.option("--mode", help="agent, plan, or another word that the agent knows.")
@click.option("--resume", "session_id", metavar="SESSION", help="Take up this session of the agent again.")
@click.option(
    "--approval", type=click.Choice(["ask", "reads", "allow", "deny"]),
    help="Who decides about tool calls: you, you but for reads, nobody, or none may run.",
)  # fmt: skip
@click.option("--allow-tool", "allowed", metavar="PATTERN", multiple=True, help="As Read, or Bash(git *).")
@click.option("--deny-tool", "disallowed", metavar="PATTERN", multiple=True, help="May be repeated.")
@click.option("--no-mcp", is_flag=True, help="Without the agent's own MCP servers.")
@container_options
@task_options
@json_option
@click.pass_obj
def agent(
    session: Session, /, preset: str | None, prompt: str | None, listing: bool, detach: bool,
    as_json: bool, **given: Any,
) -> int:  # fmt: skip
    """Start a coding agent, print what it says and does, and exit 0 when it completes.

    PROMPT is what it is to do; "-" reads it from standard input.
    """
    if listing or preset is None:
        _list(session, as_json=as_json)
        return 0
    given["container"] = take_container(given)
    work = _work(session, preset, prompt, given)
    try:
        return begin(session, work, given, detach=detach, as_json=as_json)
    except InvalidError as exc:
        if exc.details.get("unknown") != preset:
            raise
        raise _newer_than_the_owner(session, exc) from exc


def _newer_than_the_owner(session: Session, refused: InvalidError) -> InvalidError:
    """Say why an agent that the settings have is unknown to the one who would run it."""
    holder = read_owner(session.home)
    way = f" Say kill {holder.pid}, which ends no task, and start it again." if holder is not None else ""
    told = f"{refused.message} The settings name it now, but the owner read them when it began.{way}"
    return InvalidError(told, **refused.details)


def begin(
    session: Session, work: dict[str, Any], given: dict[str, Any], *, detach: bool, as_json: bool
) -> int:
    """Start it, and follow it unless it is to go on by itself; return the exit code."""
    if as_json and not detach:
        raise click.UsageError("--json goes with -d: what the agent says is no JSON of ours.")
    task = submit(session, work, given)
    if as_json:
        print_json([task])
    elif detach:
        click.echo(task["id"])
    else:
        from tasktui.cli.attending import attend

        return attend(session, str(task["id"]), feeding=False, speaking=True)
    return 0


def _work(session: Session, preset: str, prompt: str | None, given: dict[str, Any]) -> dict[str, Any]:
    agents = _agents(session)
    if preset not in agents:
        raise InvalidError(f"No agent is named so: {preset}. There are {', '.join(sorted(agents))}.")
    work = {
        "kind": "agent",
        "preset": preset,
        "prompt": prompt_of(prompt),
        "model": given.pop("model"),
        "mode": given.pop("mode"),
        "resume_session_id": given.pop("session_id"),
        "approval": given.pop("approval"),
        "allowed_tools": list(given.pop("allowed")),
        "disallowed_tools": list(given.pop("disallowed")),
        "use_mcp": False if given.pop("no_mcp") else None,
    }
    return {name: value for name, value in work.items() if value not in (None, [])}


def prompt_of(given: str | None) -> str:
    """Return what an agent is to do; of `-` what standard input says."""
    prompt = sys.stdin.buffer.read().decode("utf-8", "replace") if given == "-" else given
    if prompt is None or not prompt.strip():
        raise click.UsageError("what is the agent to do? Give a prompt, or - to read it from standard input.")
    return prompt


def _agents(session: Session) -> Mapping[str, Preset]:
    from tasktui.executors.agents.presets import with_own

    return with_own(session.config.agents)


def _list(session: Session, *, as_json: bool) -> None:
    from tasktui.executors.agents.presets import whereabouts

    found = [(preset, whereabouts(preset)) for preset in _agents(session).values()]
    if as_json:
        print_json(
            {
                "name": preset.name, "title": preset.title, "protocol": preset.protocol,
                "argv": list(preset.argv), "url": preset.url, "path": path, "intervene": preset.intervene,
                "lacks": preset.lacks,
            }
            for preset, path in found
        )  # fmt: skip
        return
    width = max(len(preset.name) for preset, _ in found)
    print_lines(
        f"{preset.name:<{width}}  {preset.title or preset.name}: "
        + (path or f"not installed. {preset.install}".strip().rstrip("."))
        for preset, path in found
    )
