"""What client and owner speak, and what is said when one is newer. Standard library alone."""

from __future__ import annotations

from typing import Final

API: Final = 1
"""Raised whenever something that a client of this level says or reads would be understood otherwise."""
OLDEST: Final = 1
"""Acts of clients below this level are refused: they would not mean what they did."""
HEADER: Final = "x-tasktui-api"
"""Carries the level of the one who sends it."""
VERSION_HEADER: Final = "x-tasktui-version"
