"""Runs the git program for worktrees: without a terminal, without questions, with a deadline."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from tasktui.descriptors import lowered
from tasktui.domain.clean import decode, summarize
from tasktui.domain.errors import InvalidError, UnavailableError

LONGEST_S: Final = 300.0
"""For one command: a checkout of a large repository takes its time."""
LOCAL: Final = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
})  # fmt: skip
"""Variables by which git is told of another repository than that of its directory (as hooks have them)."""
_QUIET: Final = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


class GitError(InvalidError):
    """Git refused."""


async def git(cwd: Path, *words: str) -> str:
    """Return what a git command says.

    Raises:
        GitError: it refused, or the directory is not there.
        UnavailableError: there is no git, or it does not come to an end.
    """
    env = {name: value for name, value in os.environ.items() if name not in LOCAL} | _QUIET
    try:
        process = await asyncio.create_subprocess_exec(
            *lowered(["git", "-C", str(cwd), *words]), env=env, cwd="/",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError as exc:
        raise UnavailableError("git is not installed: install it, or leave the worktree out.") from exc
    try:
        async with asyncio.timeout(LONGEST_S):
            said, complaint = await process.communicate()
    except TimeoutError as exc:
        raise UnavailableError(f"git {words[0]} did not end within {LONGEST_S:g} s: {cwd}") from exc
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        words_of_it = (
            summarize(decode(complaint).removeprefix("fatal: ")) or f"exit code {process.returncode}"
        )
        raise GitError(f"git {words[0]}: {words_of_it}")
    return os.fsdecode(said).rstrip("\n")
