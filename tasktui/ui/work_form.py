"""A command, a prompt or a function as a person types it, and back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from tasktui.domain.arguments import typed_value, value_of
from tasktui.domain.spec import AgentWork, PythonWork, RemoteWork, ShellWork, Work

if TYPE_CHECKING:
    from tasktui.ui.task_form import Draft


def typed_work(work: Work) -> str:
    """Return the command, the prompt or the call as a whole; `headline` has its first line."""
    if isinstance(work, PythonWork):
        pairs = (shlex.quote(f"{name}={typed_value(value)}") for name, value in work.arguments.items())
        return " ".join((work.function, *pairs))
    return work.prompt if isinstance(work, AgentWork | RemoteWork) else work.headline()


def read_work(draft: Draft, like: Work | None) -> Work:
    """Read a command or a call, or put another prompt into work of another kind.

    Args:
        draft: What stands in the fields.
        like: The work that the fields were filled from; what no field shows is taken over from it.

    Raises:
        ValueError: it says nothing, or cannot be read.
    """
    text = draft.work.strip()
    if not text:
        raise ValueError("Say what is to be run.")
    if isinstance(like, RemoteWork):
        return RemoteWork.model_validate({**dict(like), "prompt": text})
    if draft.agent:
        return _prompt(text, like, draft)
    if like is not None and not isinstance(like, ShellWork | PythonWork):
        return like
    return _call(text, like) if draft.python else _command(text, like, shell=draft.shell)


def typed_agent(work: Work) -> dict[str, Any]:
    """Return what one would type for an agent beside its prompt, by the names of the fields."""
    if not isinstance(work, AgentWork):
        return {}
    mode = "" if work.mode == "agent" else work.mode
    return {
        "agent": True, "preset": work.preset, "model": work.model or "", "mode": mode,
        "approval": work.approval or "",
    }  # fmt: skip


def agent_problems(draft: Draft) -> Iterator[Literal["preset", "approval"]]:
    """Give the fields of an agent that are wrong."""
    if not draft.preset.strip() or len(draft.preset.split()) > 1:
        yield "preset"
    if draft.approval.strip() not in {"", "ask", "reads", "allow", "deny"}:
        yield "approval"


def _prompt(text: str, like: Work | None, draft: Draft) -> AgentWork:
    rest = dict(like) if isinstance(like, AgentWork) else {}
    chosen = {
        "preset": draft.preset.strip() or "?", "model": draft.model.strip() or None,
        "mode": draft.mode.strip() or "agent", "approval": draft.approval.strip() or None,
    }  # fmt: skip
    return AgentWork.model_validate({**rest, **chosen, "prompt": text})


def _call(text: str, like: Work | None) -> PythonWork:
    function, *pairs = words(text)
    arguments: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ValueError(f"Not like name=value: {pair}")
        arguments[name] = value_of(value)
    if ":" not in function:
        raise ValueError("Write module:function, then name=value.")
    rest = dict(like) if isinstance(like, PythonWork) else {}
    return PythonWork.model_validate({**rest, "function": function, "arguments": arguments})


def _command(text: str, like: Work | None, *, shell: bool) -> ShellWork:
    rest: dict[str, object] = {}
    if isinstance(like, ShellWork):
        rest = {"ok_exit_codes": like.ok_exit_codes, "stdin": like.stdin}
    if shell:
        return ShellWork.model_validate({**rest, "command": text})
    if "\n" in text:
        raise ValueError("More than one line: let the shell run it, or join the lines.")
    return ShellWork.model_validate({**rest, "argv": tuple(words(text))})


def words(text: str) -> list[str]:
    """Split a line as a shell does.

    Raises:
        ValueError: a quotation mark is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError as exc:
        raise ValueError("A quotation mark is not closed.") from exc
