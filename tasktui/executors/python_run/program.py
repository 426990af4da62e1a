"""Runs one function in the task's own process and writes down how it ended. Standard library alone."""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Any, Final

from tasktui.domain import room
from tasktui.executors.python_call import UnfitError, bound, error_line, own_traceback, result_text
from tasktui.executors.python_run.file_context import FileContext
from tasktui.executors.python_run.finding import NotThereError, find
from tasktui.jobs import TaskCanceled, defaults_of

JOB: Final = "TASKTUI_JOB"
"""The variable with the rest of the job: JSON with arguments, outcome and fail_on_segment_error."""
MAX_RESULT: Final = 16 << 20
"""Bytes of a result; what is larger belongs into a file."""


def main() -> int:
    """Run the job and return the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    given = json.loads(os.environ.pop(JOB))
    ctx = FileContext.of_environment()
    ended = _ended(sys.argv[1], given, ctx)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    _write(Path(given["outcome"]), ended)
    ctx.catch_up()
    return 0 if ended["status"] == "completed" else int(ended.get("exit_code") or 1)


def _ended(name: str, given: dict[str, Any], ctx: FileContext) -> dict[str, Any]:
    """Run the function; return the record of its end."""
    try:
        function = find(name)
        call = bound(function, ctx, (), given["arguments"])
    except (NotThereError, UnfitError) as exc:
        sys.stderr.write(f"{name}: {exc}\n")
        return {"status": "failed", "reason": "spawn_failed", "error": f"{name}: {exc}"}
    except BaseException as exc:  # noqa: BLE001  # the module is the user's: whatever its import raises is the end
        return _failed(exc, ctx)
    strict = given["fail_on_segment_error"] or defaults_of(function).fail_on_segment_error
    try:
        value = _called(call, ctx)
    except TaskCanceled:
        return {"status": "canceled"}
    except SystemExit as exc:
        return _exited(exc)
    except BaseException as exc:  # noqa: BLE001  # the function is the user's: whatever it raises is its end
        return _failed(exc, ctx)
    return _returned(value, ctx, strict=strict)


def _called(call: Callable[[], Any], ctx: FileContext) -> Any:
    """Call it; SIGTERM raises its flag, and cancels it where it is async."""
    _on_stop(ctx.cancel)
    value = call()
    if not inspect.isawaitable(value):
        return value
    import asyncio  # only for those who use it: it takes longer to load than all the rest

    try:
        return asyncio.run(_awaited(value, ctx))
    except asyncio.CancelledError as exc:
        raise TaskCanceled from exc


async def _awaited(value: Awaitable[Any], ctx: FileContext) -> Any:
    import asyncio

    loop = asyncio.get_running_loop()
    work = asyncio.ensure_future(value)

    def stop() -> None:
        ctx.cancel()
        work.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    if ctx.cancelled:
        work.cancel()
    return await work


def _on_stop(stop: Callable[[], None]) -> None:
    def obey(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the shape of a handler
        stop()

    signal.signal(signal.SIGTERM, obey)
    # a child that the job forks ends by SIGTERM as any program does
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))


def _returned(value: object, ctx: FileContext, *, strict: bool) -> dict[str, Any]:
    text = result_text(value)
    if text is not None and len(text) > MAX_RESULT:
        error = f"The result has {len(text):,} characters: write it to a file and name it with ctx.artifact."
        return {"status": "failed", "reason": "bad_result", "error": error}
    if strict and ctx.segments_failed:
        whole = ctx.segments_ok + ctx.segments_failed
        error = f"{ctx.segments_failed} of {whole} segments failed."
        return {"status": "failed", "reason": "error", "error": error, "result": text}
    return {"status": "completed", "result": text}


def _exited(exc: SystemExit) -> dict[str, Any]:
    if exc.code is None or exc.code == 0:
        return {"status": "completed"}
    if isinstance(exc.code, int):
        code, error = exc.code & 0xFF, f"Exit code {exc.code & 0xFF}"
    else:
        code, error = 1, str(exc.code)
        sys.stderr.write(f"{error}\n")
    return {"status": "failed", "reason": "exit_nonzero", "error": error, "exit_code": code}


def _failed(exc: BaseException, ctx: FileContext) -> dict[str, Any]:
    """Keep the traceback where a person looks: in the output, and as a file."""
    text = own_traceback(exc)
    sys.stderr.write(text)
    ctx.keep_traceback(text, exc)
    code = type(exc).__name__
    return {"status": "failed", "reason": "error", "error": error_line(exc), "error_code": code}


def _write(path: Path, ended: dict[str, Any]) -> None:
    """Put the record there whole; on a full disk the work is done, and waits for room to say so."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    while True:
        try:
            with hidden.open("w", encoding="utf-8", errors="surrogatepass") as file:
                json.dump(ended, file)
            hidden.replace(path)
        except OSError as exc:
            if not room.is_full(exc):
                raise
            time.sleep(room.RETRY_S)
        else:
            return
