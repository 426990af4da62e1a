"""What the tools of Claude Code and Qwen Code change in files, as unified diffs."""

from __future__ import annotations

from tasktui.domain.facts import Facts
from tasktui.executors.agents.diffs import patched, unified


def diff_of(tool_input: Facts, result: Facts) -> str | None:
    """Return what a call changes or, by its result, has changed; None when it is no edit.

    The result knows the lines' numbers; before it is there, the input tells what is replaced by what.
    """
    path = path_of(tool_input)
    if not path:
        return None
    return _told(path, result) or _asked(path, tool_input) or None


def path_of(tool_input: Facts) -> str:
    """Return the file that a call touches."""
    return next(
        (
            path
            for name in ("file_path", "notebook_path", "absolute_path", "path")
            if (path := tool_input.text(name))
        ),
        "",
    )


def _told(path: str, result: Facts) -> str:
    hunks = [(_place(hunk), hunk.words("lines")) for hunk in result.records("structuredPatch")]
    return patched(path, hunks)


def _place(hunk: Facts) -> str:
    numbers = [hunk.number(name) or 0 for name in ("oldStart", "oldLines", "newStart", "newLines")]
    return "-{},{} +{},{}".format(*numbers)


def _asked(path: str, tool_input: Facts) -> str:
    edits = tool_input.records("edits") or [tool_input]
    parts = [unified(path, edit.text("old_string"), _new(edit)) for edit in edits]
    return "\n".join(part for part in parts if part)


def _new(edit: Facts) -> str:
    return edit.text("new_string") or edit.text("content") or edit.text("new_source")
