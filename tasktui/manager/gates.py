"""Checks that are run: a gate's command and an attempt's patch, their verdicts recorded as evidence."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tasktui.domain.clean import decode, summarize
from tasktui.domain.errors import InvalidError, NotFoundError, StateError, UnsupportedError
from tasktui.domain.events.evidence import AttemptRecorded, Gate, GateRecorded
from tasktui.domain.events.registry import parse_object
from tasktui.domain.events.work import ArtifactAdded
from tasktui.domain.ports.programs import Program, Ran
from tasktui.manager import evidence_records, surroundings
from tasktui.manager.spill import Spill

if TYPE_CHECKING:
    from tasktui.domain.requests import GateRun, TaskDetail
    from tasktui.manager.core import Core

SHORTEST_MS: Final = 1_000
LONGEST_MS: Final = 600_000
APPLY_S: Final = 120.0
_VERDICT: Final = "git apply --check"
_CHECKED: Final = ("patch_path", "base_sha", "base_ref")
"""What of an attempt a verdict is about."""
_APPLY: Final = """
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_COMMON_DIR
top=$(git rev-parse --show-toplevel) || exit
cd "$top" || exit
[ -n "$2" ] || exec git apply --check -- "$1"
export GIT_INDEX_FILE="$3"
git read-tree "$2" && exec git apply --check --cached -- "$1"
"""
"""Against the base in an index of its own, so that neither the tree nor the index of the work is touched.
From the top, for in a subdirectory git ignores the files outside of it."""


async def run_gate(core: Core, prefix: str, run: GateRun) -> TaskDetail:
    """Run a gate; see `Checks.run_gate`."""
    row = await core.row(prefix)
    if not run.command or not SHORTEST_MS <= run.timeout_ms <= LONGEST_MS:
        raise InvalidError(
            f"A gate needs a command, and a time from {SHORTEST_MS:,} to {LONGEST_MS:,} ms: "
            f"{shlex.join(run.command)} {run.timeout_ms:,}"
        )
    gate_id = run.id or core.ids.other("gate_")
    cwd = await _cwd(core, row.id, run.cwd)
    ran = await _run(core, row.id, cwd, run.command, run.timeout_ms / 1000)
    facts = []
    if ran.output:
        log = await Spill(core.artifacts, core.limits, row.id).write(
            f"gate-{run.gate}", decode(ran.output), role="log"
        )
        facts.append(log)
    path = next((fact.path for fact in facts if isinstance(fact, ArtifactAdded)), None)
    passed = ran.exit_code == 0 and not ran.timed_out
    gate = Gate(
        id=gate_id, gate=run.gate, command=shlex.join(run.command), cwd=str(cwd), exit_code=ran.exit_code,
        status="timeout" if ran.timed_out else "passed" if passed else "failed",
        classification=_classified(run, ran), duration_ms=ran.duration_ms,
        summary=_summary(run, ran), log_path=path, recorded_at=core.clock.now(),
    )  # fmt: skip
    return await evidence_records.stored(core, row.id, *facts, GateRecorded(gate=gate))


async def verify_attempt(core: Core, prefix: str, attempt_id: str) -> TaskDetail:
    """Hold a patch against its base; see `Checks.verify_attempt`."""
    row = await core.row(prefix)
    asked = await _attempt(core, row.id, attempt_id)
    base = str(asked.get("base_sha") or asked.get("base_ref") or "")
    if not asked.get("patch_path") or base.startswith("-"):
        raise InvalidError(f"The attempt has no patch that can be checked: {attempt_id}", attempt=attempt_id)
    cwd = await _cwd(core, row.id, "" if base else None)
    index = core.directory(row.id) / "checks" / f"{core.ids.other('index_')}"
    words = ("sh", "-c", _APPLY, "sh", str(cwd / asked["patch_path"]), base, str(index))
    try:
        ran = await _run(core, row.id, cwd, words, APPLY_S, LC_ALL="C")
    finally:
        index.unlink(missing_ok=True)
    async with core.recording:
        record = await _attempt(core, row.id, attempt_id)  # what was recorded meanwhile stands
        if any(record.get(name) != asked.get(name) for name in _CHECKED):
            raise StateError(f"Another patch was recorded meanwhile, check again: {attempt_id}", id=row.id)
        said = [text for text in record.get("verification") or () if not text.startswith(_VERDICT)]
        record["verification"] = [*said, f"{_VERDICT}: {_applies(ran, base, cwd)}"]
        fact = parse_object(AttemptRecorded.TYPE, {"attempt": record})
        return await evidence_records.kept(core, row.id, fact)


async def _attempt(core: Core, task_id: str, attempt_id: str) -> dict[str, Any]:
    """Return the newest record of an attempt.

    Raises:
        NotFoundError: there is none.
    """
    detail = await core.store.detail(task_id)
    for one in detail.evidence if detail is not None else ():
        if (one.kind, one.key) == ("attempt", attempt_id):
            record: dict[str, Any] = json.loads(one.record)
            return record
    raise NotFoundError(f"The task has no such attempt: {task_id} {attempt_id}", id=task_id)


async def _cwd(core: Core, task_id: str, asked: str | None) -> Path:
    spec = await core.spec(task_id)
    if asked is None and spec is not None and spec.worktree:
        raise InvalidError(
            f"The task works in a worktree of its own: say the directory, which is in "
            f"{core.home / 'worktrees' / task_id}.",
            id=task_id,
        )
    return Path((spec.cwd if spec else None) or "/") / (asked or "")


async def _run(
    core: Core, task_id: str, cwd: Path, argv: tuple[str, ...], timeout_s: float, **env: str
) -> Ran:
    if core.programs is None:
        raise UnsupportedError("No programs are run here.")
    directory = core.directory(task_id)
    place = directory / "checks" / core.ids.other("run_")
    own = {"TASKTUI_HOME": str(core.home), "TASKTUI_TASK_ID": task_id, **env}
    spec = await core.spec(task_id)
    whole = surroundings.environment(directory, spec, own) if spec else own
    try:
        return await core.programs.run(place, Program(argv, cwd, whole, timeout_s))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _classified(run: GateRun, ran: Ran) -> str:
    if ran.timed_out:
        return "timeout"
    if ran.exit_code is None:
        return "not_started"
    return "passed" if ran.exit_code == 0 else f"{run.gate}_failure"


def _summary(run: GateRun, ran: Ran) -> str:
    if ran.timed_out:
        return f"not done within {run.timeout_ms / 1000:g} s"
    last = decode(ran.output).strip().rpartition("\n")[2]
    return summarize(ran.failure or last) or f"exit code {ran.exit_code}"


def _applies(ran: Ran, base: str, cwd: Path) -> str:
    told = decode(ran.output).strip()
    if ran.timed_out:
        return f"did not end within {APPLY_S:g} s"
    if ran.exit_code == 0:
        return f"applies cleanly to {base or 'the working tree'}"
    if "not a git repository" in told:
        return f"no git repository: {cwd}"
    if ran.exit_code == 127 or "git: not found" in told:  # a shell's code for no such command
        return "git is not installed"
    return summarize(ran.failure or told) or f"exit code {ran.exit_code}"
