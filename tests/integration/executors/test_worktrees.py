"""Worktrees of tasks, with the real git: where tasks work, and that nothing of theirs is ever lost."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tasktui.bootstrap.house import House, acquire
from tasktui.config import Config
from tasktui.domain.errors import InvalidError, UnavailableError
from tasktui.domain.rows import TaskRow
from tasktui.domain.spec import ShellWork, TaskSpec
from tasktui.domain.status import Status
from tasktui.executors import git as git_program
from tasktui.executors.git import LOCAL
from tasktui.executors.worktrees import Worktree, Worktrees

ENV = {name: value for name, value in os.environ.items() if name not in LOCAL} | {
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
}  # fmt: skip


def git(cwd: Path | str, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(cwd), *words], env=ENV, check=True, capture_output=True, text=True, timeout=20
    )
    return done.stdout.strip()


def commit(cwd: Path | str, name: str) -> None:
    Path(cwd, name).write_text(name)
    git(cwd, "add", name)
    git(cwd, "commit", "-q", "-m", name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with one commit on main, and a directory `sub` in it."""
    folder = tmp_path / "project"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "sub/file")
    return folder


@pytest.fixture
def trees(tmp_path: Path) -> Worktrees:
    return Worktrees(tmp_path / "home")


async def made(trees: Worktrees, cwd: Path, task_id: str = "task_1") -> Worktree:
    return await trees.open(task_id, cwd)


async def test_a_task_works_at_the_same_place_of_a_branch_of_its_own(trees: Worktrees, project: Path) -> None:
    tree = await made(trees, project / "sub")
    assert (tree.cwd / "file").read_text() == "sub/file"
    assert tree.cwd == Path(tree.path, "sub")
    assert git(tree.path, "rev-parse", "--abbrev-ref", "HEAD") == tree.branch == "tasktui/task_1"
    assert (tree.base, tree.base_ref) == (git(project, "rev-parse", "HEAD"), "main")
    assert git(project, "status", "--porcelain") == ""


async def test_a_directory_that_git_does_not_know_is_there_all_the_same(
    trees: Worktrees, project: Path
) -> None:
    (project / "new" / "empty").mkdir(parents=True)
    assert (await made(trees, project / "new" / "empty")).cwd.is_dir()


async def test_a_further_run_finds_what_the_former_left(trees: Worktrees, project: Path) -> None:
    tree = await made(trees, project)
    (tree.cwd / "draft").write_text("half")
    assert await made(trees, project / "sub") == tree
    assert (tree.cwd / "draft").exists()


async def test_a_worktree_whose_making_was_cut_off_is_made_again(trees: Worktrees, project: Path) -> None:
    tree = await made(trees, project)
    git(project, "worktree", "remove", tree.path)
    assert (await made(trees, project)) == tree
    assert (tree.cwd / "sub" / "file").exists()


async def test_many_at_once_do_not_disturb_each_other(trees: Worktrees, project: Path) -> None:
    many = await asyncio.gather(*(made(trees, project, f"task_{number}") for number in range(8)))
    assert len({tree.path for tree in many}) == 8
    assert len(git(project, "worktree", "list").splitlines()) == 9


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("uncommitted", "not committed"), ("untracked", "not committed"), ("unmerged", "on no other branch"),
        ("detached", "on no other branch"),
    ],
)  # fmt: skip
async def test_what_would_be_lost_stays(trees: Worktrees, project: Path, spoil: str, why: str) -> None:
    tree = await made(trees, project)
    if spoil == "uncommitted":
        (tree.cwd / "sub" / "file").write_text("changed")
    elif spoil == "untracked":
        (tree.cwd / "new").write_text("new")
    elif spoil == "unmerged":
        commit(tree.cwd, "work")
    else:
        git(tree.cwd, "checkout", "-q", "--detach")
        commit(tree.cwd, "work")
    said = await trees.release("task_1")
    assert said is not None
    assert why in said
    assert tree.path in said
    assert tree.cwd.is_dir()
    assert git(project, "branch", "--list", tree.branch)


async def test_a_branch_with_more_than_its_worktree_stays(trees: Worktrees, project: Path) -> None:
    tree = await made(trees, project)
    commit(tree.cwd, "work")
    git(tree.cwd, "checkout", "-q", "--detach", "main")
    assert "on no other branch" in str(await trees.release("task_1"))
    git(project, "worktree", "remove", tree.path)
    assert "on no other branch" in str(await trees.release("task_1"))
    assert git(project, "branch", "--list", tree.branch)


@pytest.mark.parametrize("how", ["nothing done", "merged", "pushed"])
async def test_what_is_kept_elsewhere_goes(trees: Worktrees, project: Path, tmp_path: Path, how: str) -> None:
    tree = await made(trees, project)
    if how != "nothing done":
        commit(tree.cwd, "work")
    if how == "merged":
        git(project, "merge", "-q", tree.branch)
    if how == "pushed":
        git(tmp_path, "init", "-q", "--bare", "remote")
        git(project, "remote", "add", "origin", str(tmp_path / "remote"))
        git(tree.cwd, "push", "-q", "origin", "HEAD")
    assert await trees.release("task_1") is None
    assert not Path(tree.path).exists()
    assert git(project, "branch", "--list", "tasktui/*") == ""
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert await trees.release("task_1") is None, "and a second time nothing is there"


async def test_a_repository_that_is_gone_costs_no_work(trees: Worktrees, project: Path) -> None:
    tree = await made(trees, project)
    project.rename(project.with_name("moved"))
    assert "not there any more" in str(await trees.release("task_1"))
    assert tree.cwd.is_dir()


async def test_no_repository_no_commit_no_git(
    trees: Worktrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    with pytest.raises(InvalidError, match=r"A worktree needs a git repository, and .*bare is in none"):
        await trees.check(bare)
    git(bare, "init", "-q")
    with pytest.raises(InvalidError, match=r"A worktree needs a commit, and the repository of .* has none"):
        await trees.check(bare)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="git is not installed"):
        await trees.check(bare)


async def test_a_git_that_hangs_is_ended(
    trees: Worktrees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(git_program, "LONGEST_S", 0.1)
    with pytest.raises(UnavailableError, match="did not end within"):
        await trees.check(tmp_path)


async def test_a_hooks_variables_do_not_lead_astray(
    trees: Worktrees, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert (await made(trees, project)).cwd.is_dir()


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[House]:
    lock = acquire(home)
    assert lock is not None
    house = await House.open(Config(home=home), lock)
    try:
        async with asyncio.timeout(25):
            yield house
    finally:
        await house.close("cancel")
        lock.release()


def work(project: Path, command: str) -> TaskSpec:
    return TaskSpec(work=ShellWork(command=command), cwd=str(project / "sub"), worktree=True)


async def end(house: House, project: Path, command: str) -> tuple[TaskRow, Path]:
    task = await house.manager.submit(work(project, command))
    row = await house.manager.wait(task.id)
    return row, house.manager._core.home / "worktrees" / task.id


async def test_a_command_runs_in_its_worktree_and_purge_keeps_what_it_made(
    own_home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    async with opened(own_home) as house:
        row, place = await end(house, project, "pwd && echo new > made && git status --short")
        assert row.status is Status.COMPLETED
        assert row.result_summary == "?? made"
        assert (place / "sub" / "made").exists()
        assert not (project / "sub" / "made").exists()
        (told,) = (await house.manager.detail(row.id)).evidence
        assert f"Works in {place} on the branch tasktui/{row.id}." in told.record
        assert await house.manager.purge([row.id]) == 1
        assert (place / "sub" / "made").exists()


async def test_purge_removes_a_worktree_that_holds_nothing(own_home: Path, project: Path) -> None:
    async with opened(own_home) as house:
        row, place = await end(house, project, "true")
        assert place.is_dir()
        assert await house.manager.purge([row.id]) == 1
        assert not place.exists()
        assert git(project, "branch", "--list", "tasktui/*") == ""


async def test_submitting_without_a_repository_is_refused(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    async with opened(own_home) as house:
        with pytest.raises(InvalidError, match="needs a git repository"):
            await house.manager.submit(work(tmp_path, "true"))
