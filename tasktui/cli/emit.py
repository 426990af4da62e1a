"""Inside a task: report what it does, through the file that `TASKTUI_EVENTS` names. Stdlib and click only."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any, Final

import click

from tasktui.cli.params import SPAN
from tasktui.domain import room
from tasktui.domain.clean import clean
from tasktui.domain.errors import InvalidError, TasktuiError
from tasktui.executors.line_file import lead

LOOK_S: Final = (0.02, 0.5)
"""How often an answer is looked for: at first, and at last."""
OWNER_LATE_S: Final = 2.0
"""How much later than asked the owner may say that nobody answered."""
MAX_DIFF: Final = 512 << 10


def report(event_type: str, data: dict[str, Any]) -> None:
    """Append one event to the task's file.

    Raises:
        InvalidError: this does not run inside a task.
        OSError: it cannot be written, for another reason than that there is no room.
    """
    path = os.environ.get("TASKTUI_EVENTS")
    if not path:
        raise InvalidError(
            "This is for scripts that tasktui runs: TASKTUI_EVENTS is not set. Try: tasktui run -- …"
        )
    known = {name: value for name, value in data.items() if value is not None}
    line = json.dumps({"type": event_type, "data": known}).encode("utf-8", "surrogatepass") + b"\n"
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        line = lead(Path(path), fd) + line
        while line:
            line = line[_taken(fd, line) :]
    finally:
        os.close(fd)


def _taken(fd: int, line: bytes) -> int:
    """Write what the disk takes, and return how much; without room wait a little: the script goes on then."""
    try:
        return os.write(fd, line)
    except OSError as exc:
        if not room.passes(exc):
            raise
        time.sleep(room.RETRY_S)
        return 0


@click.group()
def emit() -> None:
    """Inside a task: report progress, tools, files, messages and questions."""


@emit.command()
@click.argument("how_far")
@click.option("--phase", help="What is being done.")
def progress(how_far: str, phase: str | None) -> None:
    """Report HOW_FAR: 3/10, or 30%."""
    current, _, total = how_far.partition("/")
    try:
        if how_far.endswith("%"):
            data: dict[str, Any] = {"percentage": round(float(how_far[:-1]))}
        else:
            data = {"current": float(current), "total": float(total) if total else None}
    except ValueError as exc:
        raise click.UsageError(f"not like 3/10 or 30%: {how_far}") from exc
    report("task.progress", data | {"phase": phase})


@emit.command()
@click.argument("text")
def status(text: str) -> None:
    """Say in one line what the task is doing."""
    report("task.status", {"message": text})


@emit.command()
@click.argument("text")
@click.option("--thought", is_flag=True, help="A thought rather than a message.")
def message(text: str, thought: bool) -> None:
    """Say something to the person; - reads it from stdin."""
    content = sys.stdin.read() if text == "-" else text
    name = f"m{secrets.token_hex(4)}"
    report(
        "message.completed",
        {"message_id": name, "role": "thought" if thought else "agent", "content": content},
    )


@emit.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
def checklist(file: Any) -> None:
    """Replace the checklist by the lines of FILE: `[x] done`, `[~] going on`, `[ ] to do`; - is stdin."""
    marks = {"x": "completed", "X": "completed", "~": "in_progress", "-": "in_progress", " ": "pending"}
    items: list[dict[str, Any]] = []
    for line in file:
        text = line.strip().removeprefix("-").strip() if line.strip().startswith("- [") else line.strip()
        if not text:
            continue
        state = "pending"
        if len(text) > 2 and text[0] == "[" and text[2] == "]" and text[1] in marks:
            state, text = marks[text[1]], text[3:].strip()
        items.append({"id": len(items) + 1, "content": text, "status": state})
    report("checklist.updated", {"items": items})


@emit.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--label", help="What it is called in the list.")
@click.option("--role", default="result", show_default=True, help="result, patch, log or another word.")
@click.option("--summary", help="One line about it.")
def artifact(path: Path, label: str | None, role: str, summary: str | None) -> None:
    """Name a file as a result of the task."""
    data = {"path": str(path.absolute()), "label": label, "role": role, "summary": summary}
    report("artifact.added", data)


@emit.command("tool-start")
@click.argument("name")
@click.argument("text", required=False)
@click.option("--id", "call_id", help="The call's id; a new one is made and printed without it.")
@click.option("--kind", help="read, edit, execute, search or another word.")
def tool_start(name: str, text: str | None, call_id: str | None, kind: str | None) -> None:
    """Begin a tool call NAME with the input TEXT, and print its id."""
    call = call_id or f"c{secrets.token_hex(4)}"
    report("tool.started", {"call_id": call, "name": name, "input": text, "kind": kind})
    click.echo(call)


@emit.command("tool-end")
@click.argument("call_id")
@click.argument("text", required=False)
@click.option("--failed", is_flag=True, help="It did not work.")
@click.option("--diff", type=click.File("r", encoding="utf-8"), help="A unified diff of what it changed.")
@click.option("--ms", type=int, help="How long it took.")
def tool_end(call_id: str, text: str | None, failed: bool, diff: Any, ms: int | None) -> None:
    """End a tool call with the output TEXT; - reads it from stdin."""
    output = sys.stdin.read() if text == "-" else text
    change = diff.read(MAX_DIFF) if diff else None
    report(
        "tool.completed",
        {"call_id": call_id, "ok": not failed, "output": output, "diff": change, "duration_ms": ms},
    )


@emit.command()
@click.argument("name")
@click.argument("verdict", type=click.Choice(["passed", "failed", "timeout"]))
@click.option("--command", default="", help="What was run.")
@click.option("--exit-code", type=int)
@click.option("--ms", type=int, default=0, help="How long it took.")
@click.option("--summary", default="", help="One line about it.")
def gate(name: str, verdict: str, command: str, exit_code: int | None, ms: int, summary: str) -> None:
    """Record a check that was run: NAME is fmt, check, clippy, test or another word."""
    record = {
        "id": name, "gate": name, "status": verdict, "command": command, "exit_code": exit_code,
        "duration_ms": ms, "summary": summary, "recorded_at": int(time.time() * 1000),
    }  # fmt: skip
    report("gate.recorded", {"gate": record})


@emit.command()
@click.argument("text")
@click.option("--code", help="A word for it.")
def warn(text: str, code: str | None) -> None:
    """Say that something is wrong that does not end the task."""
    report("task.warning", {"message": text, "code": code})


@emit.command()
@click.argument("text")
@click.option("--option", "options", multiple=True, help="An answer to choose from; may be repeated.")
@click.option("--approval", is_flag=True, help="Ask for permission: answered by allow or deny.")
@click.option("--tool", help="With --approval: what would be used.")
@click.option(
    "--timeout",
    "timeout_s",
    type=SPAN,
    help="Wait so long, such as 90s or 10m; then exit 124, and the question waits no longer.",
)
@click.pass_context
def ask(
    ctx: click.Context,
    text: str,
    options: tuple[str, ...],
    approval: bool,
    tool: str | None,
    timeout_s: float | None,
) -> None:
    """Ask a person, wait, and print the answer; a denied permission exits 1."""
    inbox = os.environ.get("TASKTUI_INBOX", "")
    request = f"q{secrets.token_hex(4)}"
    seen = Path(inbox).stat().st_size if inbox and Path(inbox).exists() else 0
    expires_at = None if timeout_s is None else round((time.time() + timeout_s) * 1000)
    asked = {"request_id": request, "options": list(options), "expires_at": expires_at}
    if approval:
        report("approval.requested", asked | {"summary": text, "tool": tool})
    else:
        report("input.requested", asked | {"question": text})
    # the owner says when it is over; this is for the case that there is none now
    patience_s = None if timeout_s is None else timeout_s + OWNER_LATE_S
    answer = _await_answer(Path(inbox), request, seen, patience_s)
    if answer is None or _is_expiry(answer):
        within = "" if timeout_s is None else f" within {timeout_s:g} s"
        raise _NoAnswerError(f"Nobody answered{within}: {text}")
    said = answer.get("text") or answer.get("decision") or ""
    shown = clean(said, limit=len(said), multiline=True) if sys.stdout.isatty() else said
    click.echo(shown, color=True)  # a pipe gets it as it was said: click would take colours out
    if answer.get("decision") == "deny":
        ctx.exit(1)


def _is_expiry(answer: dict[str, Any]) -> bool:
    """Whether it says that nobody answered: a question expires, a permission is denied by the manager."""
    by_time = answer.get("user") == "manager" and answer.get("decision") == "deny"
    return by_time or answer.get("decision") == "expired"


class _NoAnswerError(TasktuiError):
    """Nobody answered in time."""

    exit_code = 124


def _await_answer(inbox: Path, request: str, offset: int, timeout_s: float | None) -> dict[str, Any] | None:
    """Follow the inbox until the answer stands in it."""
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    pause, rest = LOOK_S[0], b""
    while deadline is None or time.monotonic() < deadline:
        block = b""
        if inbox.exists():
            with inbox.open("rb") as file:
                file.seek(offset)
                block = file.read()
        offset += len(block)
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            entry = _entry(line)
            if entry.get("request_id") == request:
                return entry
        time.sleep(pause)
        pause = min(pause * 1.5, LOOK_S[1])
    return None


def _entry(line: bytes) -> dict[str, Any]:
    """Return what a line says; nothing when a full disk tore it."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
