"""Settings that commands follow: saved filters, ASCII tables; a repair is told until it is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tasktui.bootstrap.repairs import Repaired, keep_repair, repair_was_read

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Shell


def test_a_saved_filter_and_ascii_in_tables(fresh: Shell) -> None:
    done = fresh.submit("true")
    assert fresh("wait", done).returncode == 0
    filters = {"TASKTUI_FILTERS": "done=status:completed,none=status:lost"}
    assert done[:13] in fresh("ls", "@done", **filters).stdout
    assert fresh("ls", "@none", **filters).stdout == ""
    unknown = fresh("ls", "@dome", **filters)
    assert unknown.returncode == 2
    assert "did you mean @done" in unknown.stderr
    assert "✓ done" in fresh("ls").stdout
    in_ascii = fresh("ls", TASKTUI_GLYPHS="ascii").stdout
    assert "+ done" in in_ascii
    assert in_ascii.isascii()
    assert fresh("doctor", TASKTUI_GLYPHS="ascii").stdout.isascii()


def test_a_wrong_saved_filter_is_found_by_the_check(fresh: Shell) -> None:
    assert fresh("config", "check", TASKTUI_FILTERS="mine=status:completed").returncode == 0
    wrong = fresh("config", "check", TASKTUI_FILTERS="mine=status:nonsense")
    assert wrong.returncode == 2
    assert "no such status: nonsense" in wrong.stderr


def test_safe_mode_changes_the_keys_that_are_printed(fresh: Shell) -> None:
    found = [json.loads(line) for line in fresh("keys", "--json", TASKTUI_SAFE_MODE="1").stdout.splitlines()]
    assert {key["id"]: key["keys"] for key in found}["task.cancel"] == ["X"]
    clash = fresh("keys", "--check", TASKTUI_SAFE_MODE="1", TASKTUI_KEYMAP="list.sort=X")
    assert clash.returncode == 2
    assert "task.cancel" in clash.stderr


def test_doctor_and_stats_tell_of_a_repair_until_it_is_read(fresh: Shell) -> None:
    fresh.submit("true")
    keep_repair(fresh.home, Repaired("/data/tasktui.db.corrupt-1", 12, ("junk",)))
    sentence = (
        "The database was damaged. It was moved to /data/tasktui.db.corrupt-1, "
        "and 12 tasks were rebuilt from their directories; 1 could not be read."
    )
    assert sentence in fresh("stats").stdout
    assert json.loads(fresh("stats", "--json").stdout)["repaired"]["rebuilt"] == 12
    assert f"{sentence} Not read: junk." in fresh("doctor").stdout
    repair_was_read(fresh.home)
    assert "damaged" not in fresh("stats").stdout + fresh("doctor").stdout
