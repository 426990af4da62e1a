"""What `make mutants` takes away stands where it looks for it: it runs too long to tell so in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.guards import GUARDS, Guard
from tests.faults.guards_api import API_GUARDS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("guard", [*GUARDS, *API_GUARDS], ids=lambda guard: guard.what)
def test_a_guard_stands_where_its_proof_takes_it_away(guard: Guard) -> None:
    found = {edit: (ROOT / edit.file).read_text().count(edit.old) for edit in guard.edits}
    assert set(found.values()) == {1}, found
