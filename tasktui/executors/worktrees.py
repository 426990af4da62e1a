"""Git worktrees of tasks: each task has one of its own, on a branch of its own, beside the data of tasks.

What was made in one is a person's: it goes only when nothing in it, and nothing of its branch, would be lost.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tasktui.domain.errors import InvalidError
from tasktui.executors.git import GitError, git

DIRECTORY: Final = "worktrees"
"""In the data directory."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class Worktree:
    """Where a task works."""

    repository: str
    """The common directory of the repository, `.git`."""
    path: str
    inside: str
    """The working directory, relative to the top of the worktree."""
    branch: str
    base: str
    """The commit from which the branch began."""
    base_ref: str = ""
    """The branch from which it began; empty for none."""

    @property
    def cwd(self) -> Path:
        """The directory in which the task works."""
        return Path(self.path, self.inside)


class Worktrees:
    """Those of one data directory."""

    def __init__(self, home: Path) -> None:
        self._places = home / DIRECTORY
        self._one = asyncio.Lock()
        """Git writes to the repository's own files: one at a time."""

    async def check(self, cwd: Path) -> None:
        """Refuse a directory of which there can be no worktree.

        Raises:
            InvalidError: it is in no repository, or in one without a commit.
            UnavailableError: there is no git.
        """
        await _look(cwd)

    async def open(self, task_id: str, cwd: Path) -> Worktree:
        """Return the worktree of a task; it is made when it is not there.

        Raises:
            InvalidError: it cannot be made.
            UnavailableError: there is no git.
        """
        known = self._known(task_id)
        if known is not None and Path(known.path, ".git").exists():
            return known
        async with self._one:
            if known is None:
                known = await self._plan(task_id, cwd)
            await _add(known)
        await asyncio.to_thread(known.cwd.mkdir, parents=True, exist_ok=True)
        return known

    async def release(self, task_id: str) -> str | None:
        """Remove the worktree of a task that is deleted, and its branch, where nothing is lost by it.

        Returns:
            why it stays; None when there is none any more.
        """
        known = self._known(task_id)
        if known is None:
            return None
        async with self._one:
            try:
                why = await _remove(known)
            except InvalidError as exc:
                why = exc.message
        if why is None:
            self._record(task_id).unlink(missing_ok=True)
        return why and f"{known.path}, branch {known.branch}: {why}"

    async def _plan(self, task_id: str, cwd: Path) -> Worktree:
        """Decide on a worktree and write that down before there is one."""
        common, inside, base, ref = await _look(cwd)
        path = self._places / task_id
        plan = Worktree(common, str(path), inside, f"tasktui/{task_id}", base, ref)
        await asyncio.to_thread(self._write, task_id, plan)
        return plan

    def _write(self, task_id: str, plan: Worktree) -> None:
        self._places.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._places / f".{task_id}.new"
        new.write_text(json.dumps(asdict(plan)), encoding="utf-8", errors="surrogateescape")
        new.rename(self._record(task_id))

    def _record(self, task_id: str) -> Path:
        if _NAME.fullmatch(task_id) is None:
            raise InvalidError(f"This cannot be the id of a task: {task_id!r}", id=task_id)
        return self._places / f"{task_id}.json"

    def _known(self, task_id: str) -> Worktree | None:
        with suppress(OSError, ValueError, TypeError):
            text = self._record(task_id).read_text(encoding="utf-8", errors="surrogateescape")
            return Worktree(**json.loads(text))
        return None


async def _look(cwd: Path) -> tuple[str, str, str, str]:
    """Return the common directory, where cwd is in the tree, the newest commit and the branch."""
    try:
        common = await git(cwd, "rev-parse", "--path-format=absolute", "--git-common-dir")
        inside = (await git(cwd, "rev-parse", "--show-toplevel", "--show-prefix")).partition("\n")[2]
    except GitError as exc:
        raise InvalidError(
            f"A worktree needs a git repository, and {cwd} is in none ({exc.message})."
        ) from exc
    try:
        base = await git(cwd, "rev-parse", "--verify", "HEAD^{commit}")
    except GitError as exc:
        raise InvalidError(
            f"A worktree needs a commit, and the repository of {cwd} has none. Commit first."
        ) from exc
    ref = await git(cwd, "rev-parse", "--abbrev-ref", "HEAD")
    return common, inside.rstrip("/"), base, "" if ref == "HEAD" else ref


async def _add(plan: Worktree) -> None:
    repository = Path(plan.repository)
    await git(repository, "worktree", "prune")
    if await _commit_of(repository, plan.branch) is None:
        await git(repository, "worktree", "add", "--quiet", "-b", plan.branch, plan.path, plan.base)
    else:
        await git(repository, "worktree", "add", "--quiet", plan.path, plan.branch)


async def _remove(known: Worktree) -> str | None:
    repository, path = Path(known.repository), Path(known.path)
    if not repository.is_dir():
        return "its repository is not there any more" if path.exists() else None
    tip = await _commit_of(repository, known.branch)
    heads = [tip] if tip else []
    if path.exists():
        if await git(path, "status", "--porcelain", "--untracked-files=all"):
            return "it has changes that are not committed"
        heads.append(await git(path, "rev-parse", "--verify", "HEAD"))
    for commit in heads:
        if not await _is_elsewhere(repository, commit, known.branch):
            return "it has commits that are on no other branch"
    if path.exists():
        await git(repository, "worktree", "remove", str(path))
    if tip:
        # only the commit that was looked at: one that came meanwhile is refused
        await git(repository, "update-ref", "-d", f"refs/heads/{known.branch}", tip)
    return None


async def _commit_of(repository: Path, branch: str) -> str | None:
    said = await git(repository, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")
    return said or None


async def _is_elsewhere(repository: Path, commit: str, branch: str) -> bool:
    """Whether a commit is on another branch, here or as far as known elsewhere."""
    kinds = ("refs/heads", "refs/remotes", "refs/tags")
    refs = await git(repository, "for-each-ref", f"--contains={commit}", "--format=%(refname)", *kinds)
    return any(ref != f"refs/heads/{branch}" for ref in refs.splitlines())
