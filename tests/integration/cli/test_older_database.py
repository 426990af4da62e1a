"""Commands on a data directory that an older tasktui left."""

from __future__ import annotations

import sqlite3

from tasktui.store.sqlite.migrations import steps
from tests.integration.cli.conftest import Shell


def older(fresh: Shell) -> None:
    fresh.home.mkdir(mode=0o700)
    first = dict(steps())[1]
    connection = sqlite3.connect(fresh.home / "tasktui.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"{first}\nPRAGMA application_id = {0x7461736B};\nPRAGMA user_version = 1;")
    connection.close()


def test_who_only_looks_leaves_it_as_it_is(fresh: Shell) -> None:
    older(fresh)
    ran = fresh("--readonly", "ls")
    assert (ran.returncode, ran.stdout) == (7, "")
    assert "An older tasktui wrote this database" in ran.stderr
    assert not (fresh.home / "owner.lock").exists()


def test_the_first_command_brings_it_up_to_date(fresh: Shell) -> None:
    older(fresh)
    ran = fresh("ls", "--json")
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert "An older tasktui wrote this database" in ran.stderr
    assert "older" not in fresh("ls").stderr
