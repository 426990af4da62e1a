"""Finding the machine of a task by its id, or by a prefix that is told apart over all machines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tasktui.bootstrap.fleet.member import Member
from tasktui.domain.errors import AmbiguousTaskError, NotFoundError, OwnerError, TasktuiError
from tasktui.domain.ports.manager import Manager

LOOK_S: Final = 3.0
"""How long a machine is waited for that may have the task."""
_TOLD: Final = 10


async def machine_of(task_id: str, members: Iterable[Member]) -> str:
    """Return the name of the machine that has a task; what they answer is remembered of none.

    Args:
        task_id: its id, or a prefix.
        members: the machines; those that cannot be asked are named in the error.

    Raises:
        NotFoundError: none has it, of those that answer.
        AmbiguousTaskError: the prefix fits several tasks, or several machines say that they have the task.
        OwnerError: no machine answers.
    """
    everybody = tuple(members)
    ports = {one.name: one.manager for one in everybody if one.manager is not None}
    silent = {one.name: one.state.why for one in everybody if one.manager is None}
    found: list[tuple[str, str]] = []
    more = 0
    answers = await asyncio.gather(*(_asked(port, task_id) for port in ports.values()))
    for name, answer in zip(ports, answers, strict=True):
        if isinstance(answer, AmbiguousTaskError):
            found += [(one, name) for one in answer.candidates]
            more += int(str(answer.details.get("matches") or len(answer.candidates))) - len(answer.candidates)
        elif isinstance(answer, str):
            found.append((answer, name))
        elif not isinstance(answer, NotFoundError):
            silent[name] = answer.message
    whole = [name for one, name in found if one == task_id]
    if len(whole) == 1 or len(found) == 1:
        return (whole or [found[0][1]])[0]
    if found:
        raise _ambiguous(task_id, found, len(found) + more)
    raise _not_found(task_id, ports, silent)


def _ambiguous(prefix: str, found: Sequence[tuple[str, str]], matches: int) -> AmbiguousTaskError:
    error = AmbiguousTaskError(prefix, tuple(one for one, _ in found[:_TOLD]), matches=matches)
    if len({name for _, name in found}) > 1:
        error.message += f": {', '.join(f'{one} on {name}' for one, name in found[:_TOLD])}"
        error.args = (error.message,)
        error.details["hosts"] = tuple(name for _, name in found[:_TOLD])
    return error


async def _asked(port: Manager, task_id: str) -> str | TasktuiError:
    try:
        async with asyncio.timeout(LOOK_S):
            found = (await port.get(task_id)).id
            return found if found.startswith(task_id) else NotFoundError(f"it answers with {found!r}")
    except TimeoutError:
        return OwnerError(f"no answer within {LOOK_S:g} s")
    except TasktuiError as error:
        return error


def _not_found(task_id: str, ports: Mapping[str, Manager], silent: Mapping[str, str]) -> TasktuiError:
    answering = [name for name in ports if name not in silent]
    dead = "; ".join(f"{name} ({why.rstrip('.')})" if why else name for name, why in silent.items())
    if not answering:
        return OwnerError(f"No machine answers that may have {task_id}: {dead}.")
    where = f"No task {task_id} on {', '.join(answering)}."
    return NotFoundError(f"{where} Not asked: {dead}." if dead else where, id=task_id)
