"""What facts about a task's doings say: messages, tools, artifacts, output."""

from __future__ import annotations

from tasktui.domain.amounts import duration, size
from tasktui.domain.changed import counted, told
from tasktui.domain.facts import Facts
from tasktui.domain.telling.shown import Shown, Tone, labeled, more, phrase


def message(facts: Facts) -> Shown:
    """Words of the task."""
    role = facts.text("role") or "agent"
    content = facts.text("content")
    reference = labeled("whole text in artifact", facts.text("ref"))
    detail = "\n\n".join(part for part in (facts.text("reasoning"), more(content), reference) if part)
    tones = {"thought": Tone.MUTED, "user": Tone.PERSON}
    return Shown("▷", role, content or "(empty)", tones.get(role, Tone.VOICE), detail)


def tool_started(facts: Facts) -> Shown:
    """A call begins."""
    text = facts.text("input")
    return Shown("▸", facts.text("name"), text or facts.text("kind"), Tone.PLAIN, more(text))


def tool_completed(facts: Facts) -> Shown:
    """A call's verdict."""
    output, diff = facts.text("output"), facts.text("diff")
    glyph, verdict, tone = _tool_verdict(facts)
    took = facts.number("duration_ms")
    changed = told(*counted(diff)) if diff else told(facts.number("added"), facts.number("removed"))
    headline = phrase(verdict, "" if took is None else duration(took), changed, output)
    whole = labeled("whole output in artifact", facts.text("detail_ref"))
    patch = labeled("diff in artifact", facts.text("patch_ref"))
    detail = "\n".join(part for part in (diff, more(output), whole, patch) if part)
    return Shown(glyph, facts.text("name"), headline, tone, detail)


def _tool_verdict(facts: Facts) -> tuple[str, str, Tone]:
    if facts.flag("canceled"):
        return "⊘", "canceled", Tone.MUTED
    return ("✓", "ok", Tone.GOOD) if facts.flag("ok", default=True) else ("✗", "failed", Tone.BAD)


def artifact(facts: Facts) -> Shown:
    """A file."""
    what = phrase(
        facts.text("label") or facts.text("path"), size(facts.number("size") or 0), facts.text("role"),
        facts.text("summary"),
    )  # fmt: skip
    return Shown("▸", "artifact", what, Tone.PLAIN, facts.text("path"))


def truncated(facts: Facts) -> Shown:
    """What the cap took."""
    dropped, limit = size(facts.number("dropped") or 0), size(facts.number("limit") or 0)
    return Shown("!", "output", f"{dropped} dropped from the middle (cap {limit})", Tone.WARN)
