"""How the run of an agent ended: by its own last word, and by what was seen of its process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from tasktui.domain.ports.executor import Outcome, RunContext
from tasktui.domain.status import Reason, Status
from tasktui.executors.agents import advice, limit_waits
from tasktui.executors.agents.dialogue import Conclusion, End
from tasktui.executors.agents.presets import Preset
from tasktui.executors.launch import ExitRecord
from tasktui.executors.supervised import canceled, evidence, exit_code, forestalled

SHOWN_LINES = 3
"""Of the error output, in the sentence about a failure."""


def outcome_of(
    ctx: RunContext, preset: Preset, record: ExitRecord, end: End, said: Conclusion | None
) -> Outcome:
    """Return how the task ended.

    Success is only what the protocol's last event says. Without one, a run that was asked to stop was
    canceled, and any other failed, whatever the exit code.
    """
    outcome = _ended(ctx, preset, record, end, said)
    if outcome.status is Status.FAILED and outcome.error_code == "agent_limit":
        outcome = limit_waits.later(outcome, preset, _ended_at(record), run=ctx.run, stderr=end.stderr)
    return replace(outcome, exit_code=exit_code(record), duration_ms=record.duration_ms)


def _ended_at(record: ExitRecord) -> datetime:
    """Return when the agent ended, in this machine's zone: an owner may learn of it much later."""
    moment = datetime.fromtimestamp(record.ended_ms / 1000, UTC) if record.ended_ms else datetime.now(UTC)
    return moment.astimezone()


def _ended(ctx: RunContext, preset: Preset, record: ExitRecord, end: End, said: Conclusion | None) -> Outcome:
    if record.failure is not None:
        text = advice.not_there(preset) if record.failure.kind == "no_program" else record.failure.text
        return Outcome(
            Status.FAILED, Reason.SPAWN_FAILED, record.failure.kind, "shim",
            error=text, error_code=record.failure.kind,
        )  # fmt: skip
    if said is not None and record.stopped != "wall":
        return _by_word(preset, said)
    if verdict := forestalled(ctx, record) or canceled(ctx, record):
        return Outcome(verdict.status, verdict.reason, verdict.evidence, "shim", error=verdict.error)
    if end.stopped:
        return Outcome(Status.CANCELED, Reason.CANCELED, f"{evidence(record)}, no last event", "shim")
    return _without_a_word(preset, record, end)


def _by_word(preset: Preset, said: Conclusion) -> Outcome:
    error = said.error
    code = said.error_code or (advice.code_of(error) if error else None)
    if error and (hint := advice.about(preset, code)):
        error = f"{error}\n{hint}"
    return Outcome(
        said.status, said.reason, said.evidence, "agent",
        result=said.result, error=error, error_code=code, usage=said.usage,
    )  # fmt: skip


def _without_a_word(preset: Preset, record: ExitRecord, end: End) -> Outcome:
    title = preset.title or preset.name
    heard = "\n".join(end.stderr.splitlines()[-SHOWN_LINES:])
    parts = [f"{title} ended without saying how ({evidence(record)})."]
    parts += [heard] if heard else []
    parts += [hint] if (hint := advice.sentence(preset, end.stderr)) else []
    return Outcome(
        Status.FAILED, Reason.ERROR, "no last event", "shim",
        error="\n".join(parts), error_code=advice.code_of(end.stderr) or "agent_silent",
    )  # fmt: skip
