"""Brings a database file to the newest schema, one numbered step after the other."""

from __future__ import annotations

import sqlite3
from importlib import resources

from tasktui.store.sqlite.connecting import APPLICATION_ID, check_version


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the steps that the file lacks, each in a transaction of its own.

    Raises:
        SchemaTooNewError: a newer tasktui made it.
    """
    version = check_version(connection)
    for number, script in steps():
        if number > version:
            try:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{script}\n"
                    f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {number};\nCOMMIT;"
                )
            except sqlite3.Error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def steps() -> list[tuple[int, str]]:
    """Return the numbered scripts of `schema/`, in order."""
    folder = resources.files("tasktui.store.sqlite") / "schema"
    found = [
        (int(entry.name[:4]), entry.read_text()) for entry in folder.iterdir() if entry.name.endswith(".sql")
    ]
    return sorted(found)
