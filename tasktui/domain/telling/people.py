"""What passes between a task and people."""

from __future__ import annotations

from tasktui.domain.facts import Facts
from tasktui.domain.telling.shown import Shown, Teller, Tone, labeled, more, phrase


def intervention(facts: Facts) -> Shown:
    """Words of a person."""
    text = facts.text("text")
    mode = facts.text("mode") or "steer"
    attached = labeled("with", ", ".join(facts.words("attachments")))
    headline = phrase(f"{facts.text('user') or 'you'} ({mode}): {text}", attached)
    return Shown("▷", "message", headline, Tone.PERSON, more(text))


def verdict(glyph: str, verdict: str, tone: Tone) -> Teller:
    """What became of a person's words."""

    def shown(facts: Facts) -> Shown:
        word = "nobody knows whether it arrived" if facts.flag("unknown") else verdict
        return Shown(glyph, "message", phrase(word, facts.text("detail")), tone)

    return shown


def asked(word: str) -> Teller:
    """A question that waits."""

    def shown(facts: Facts) -> Shown:
        text = facts.text("summary") or facts.text("question")
        choices = labeled("options:", ", ".join(facts.words("options")))
        detail = "\n".join(part for part in (more(text), facts.pretty("context")) if part)
        headline = phrase(labeled(f"{facts.text('tool')}:", text) if facts.text("tool") else text, choices)
        return Shown("!" if word == "approval" else "?", word, headline, Tone.ASK, detail)

    return shown


def answered(facts: Facts) -> Shown:
    """A person's answer."""
    answer = facts.text("answer")
    headline = phrase(f"{facts.text('by') or 'you'}: {answer}", labeled("from", facts.text("origin")))
    return Shown("✓", "answer", headline, Tone.PERSON, more(answer))


def resolved(facts: Facts) -> Shown:
    """A decision."""
    allowed = facts.text("decision") == "allow"
    scope = {"task": "for this task", "always": "always"}.get(facts.text("scope"), "once" if allowed else "")
    headline = phrase(
        labeled("allowed" if allowed else "denied", scope).strip() or ("allowed" if allowed else "denied"),
        labeled("by", facts.text("by")), facts.text("reason"),
    )  # fmt: skip
    return Shown("✓" if allowed else "✗", "approval", headline, Tone.GOOD if allowed else Tone.BAD)
