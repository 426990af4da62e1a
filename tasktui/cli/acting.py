"""Acting through the owner: one is started where none is, and several tasks are gone through one by one."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import click

from tasktui.cli.printing import print_json, print_lines, tell
from tasktui.cli.session import Session
from tasktui.domain.errors import FencedError, ManagerClosedError, OwnerError, RefusedError, TasktuiError
from tasktui.domain.wire import error_object
from tasktui.service.light import call, start_owner
from tasktui.service.paths import task_path

_TRIES: Final = 3
_FORBIDDEN: Final = (errno.EROFS, errno.EACCES, errno.EPERM)
_HAND_OVER_S: Final = 0.2
"""Between an owner that is leaving and the next one."""

Body = Mapping[str, Any]


def ask(
    session: Session, method: str, path: str, body: Body | None = None, *, again: bool = False
) -> dict[str, Any]:
    """Ask the owner, and start one where there is none.

    Args:
        session: of this call.
        method: GET or POST.
        path: of the API.
        body: sent as JSON.
        again: whether it does no harm when the owner hears it twice.

    Raises:
        RefusedError: nothing may be changed.
        OwnerError: none could be started, or it does not answer.
        TasktuiError: what it answered.
    """
    session.must_act()
    for _ in range(_TRIES - 1):
        try:
            return call(session.home, method, path, body, note=_tell_once)
        except (FencedError, ManagerClosedError):
            time.sleep(_HAND_OVER_S)
        except OwnerError as exc:
            if not _helps_to_start_one(exc, again=again):
                raise
            ensure_owner(session)
    return call(session.home, method, path, body, note=_tell_once)


def act(session: Session, task_id: str, verb: str, body: Body | None = None) -> dict[str, Any]:
    """Do something to one task."""
    return ask(session, "POST", task_path(task_id, f"/{verb}"), body or {})


def ensure_owner(session: Session) -> None:
    """See that an owner answers; the one that is started ends by itself when nobody needs it.

    Raises:
        RefusedError: the data directory cannot be written.
        OwnerError: none could be started.
    """
    try:
        start_owner(session.home)
    except OwnerError as exc:
        if not isinstance(why := exc.__cause__, OSError):
            raise
        said = f"The data directory cannot be written: {session.home}: {why.strerror}."
        if why.errno in _FORBIDDEN:
            raise RefusedError(f"{said} Choose another one with --home.", home=str(session.home)) from exc
        raise OwnerError(f"{said} Nothing was started.", home=str(session.home)) from exc


def each(
    ids: Iterable[str],
    do: Callable[[str], dict[str, Any]],
    told: Callable[[dict[str, Any]], str],
    *,
    as_json: bool,
) -> None:
    """Do something to several tasks; where one refuses, the others are done, and the exit code says it.

    Args:
        ids: of the tasks.
        do: to one of them.
        told: what became of it, as a line.
        as_json: print what the owner answered instead.

    Raises:
        TasktuiError: the only one refused.
    """
    wanted = list(ids)
    if not wanted:
        tell("No task fits.")
    codes = []
    for task_id in wanted:
        try:
            done = do(task_id)
        except TasktuiError as exc:
            if len(wanted) == 1:
                raise
            codes.append(exc.exit_code)
            complain(exc, as_json=as_json)
        else:
            if as_json:
                print_json([done])
            else:
                print_lines([told(done)])
    if codes:
        click.get_current_context().exit(codes[0])


def complain(error: TasktuiError, *, as_json: bool) -> None:
    """Say an error and go on."""
    if as_json:
        print_json([error_object(error)], err=True)
    else:
        tell(error.message)


def _tell_once(sentence: str) -> None:
    """Say something that every answer of this command would say."""
    said = click.get_current_context().meta
    if sentence not in said:
        said[sentence] = True
        tell(sentence)


def _helps_to_start_one(error: OwnerError, *, again: bool) -> bool:
    """Whether there is no owner, and nobody can have heard the request unless it may be heard again."""
    cause = error.__cause__
    unheard = cause is None or isinstance(cause, ConnectionRefusedError | FileNotFoundError)
    return "home" in error.details and (unheard or again)
