"""Functions that the tests of embedding submit."""

from __future__ import annotations

import time

from tasktui import JobContext, job


@job(name="doubling", tags=["maths"])
def double(n: int) -> int:
    return n * 2


def until_stopped(ctx: JobContext) -> None:
    while True:
        ctx.raise_if_cancelled()
        time.sleep(0.005)
