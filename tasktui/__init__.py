"""tasktui: the terminal control room for background work."""

from __future__ import annotations

__version__ = "0.1.0"
