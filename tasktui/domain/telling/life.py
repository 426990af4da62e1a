"""What facts about a task's life and the evidence for its work say."""

from __future__ import annotations

from typing import Final

from tasktui.domain.amounts import duration
from tasktui.domain.facts import Facts
from tasktui.domain.telling.shown import Shown, Tone, labeled, more, phrase


def created(facts: Facts) -> Shown:
    """Who asked for what."""
    spec = facts.record("spec")
    work = spec.record("work")
    who = facts.text("@actor").rpartition(":")[2]
    asked = (
        work.text("prompt") or work.text("command") or " ".join(work.words("argv")) or work.text("function")
    )
    headline = phrase(
        facts.text("title"), labeled("by", who), labeled("in", spec.text("cwd")), work.text("model"),
        labeled("retry of", facts.text("retry_of")),
    )  # fmt: skip
    return Shown("●", "created", headline, Tone.PLAIN, asked if asked != facts.text("title") else "")


def finished(facts: Facts) -> Shown:
    """How it ended."""
    status = facts.text("status")
    glyph, tone = _ENDS.get(status, ("✗", Tone.BAD))
    code = facts.text("exit_code")
    headline = phrase(
        facts.text("reason").replace("_", " "), labeled("exit code", code),
        duration(facts.number("duration_ms") or 0), facts.text("error") or facts.text("result_summary"),
    )  # fmt: skip
    detail = facts.text("result_inline") or facts.text("error")
    return Shown(glyph, status.replace("_", " ") or "finished", headline, tone, more(detail))


def cancel(facts: Facts) -> Shown:
    """Who wants it to stop."""
    word = "kill" if facts.flag("force") else "cancel"
    return Shown("⊘", word, phrase(f"asked by {facts.text('by')}", facts.text("reason")), Tone.WARN)


def checklist(facts: Facts) -> Shown:
    """How much of the plan is done."""
    items = facts.records("items")
    done = sum(item.text("status") == "completed" for item in items)
    current = next((item.text("content") for item in items if item.text("status") == "in_progress"), "")
    lines = [f"{_BOXES.get(item.text('status'), '[ ]')} {item.text('content')}" for item in items]
    return Shown(
        "▸", "checklist", phrase(f"{done} of {len(items)} done", current), Tone.PLAIN, "\n".join(lines)
    )


def gate(facts: Facts) -> Shown:
    """A check and its verdict."""
    gate = facts.record("gate")
    status = gate.text("status")
    glyph, tone = ("✓", Tone.GOOD) if status == "passed" else ("✗", Tone.BAD)
    took = duration(gate.number("duration_ms") or 0)
    name = gate.text("gate")
    headline = phrase(f"{name} {status}", took, gate.text("summary") or gate.text("command"))
    return Shown(glyph, "gate", headline, tone, gate.text("command"))


def attempt(facts: Facts) -> Shown:
    """One try among several."""
    attempt = facts.record("attempt")
    place = f"{attempt.text('attempt_index') or 1} of {attempt.text('attempt_count') or 1}"
    chosen = "selected" if attempt.flag("selected") else ""
    files = "\n".join(attempt.words("changed_files"))
    return Shown("▸", "attempt", phrase(place, chosen, attempt.text("summary")), Tone.PLAIN, files)


def github(facts: Facts) -> Shown:
    """What happened on GitHub."""
    record = facts.record("event")
    target = labeled(record.text("target"), f"#{record.text('number')}" if record.text("number") else "")
    headline = phrase(record.text("action"), target or record.text("target"), record.text("summary"))
    return Shown("▸", "github", headline, Tone.PLAIN, record.text("url"))


_BOXES: Final = {"completed": "[x]", "in_progress": "[>]"}


_ENDS: Final = {
    "completed": ("✓", Tone.GOOD),
    "canceled": ("⊘", Tone.WARN),
    "interrupted": ("⊘", Tone.WARN),
    "lost": ("?", Tone.BAD),
}
