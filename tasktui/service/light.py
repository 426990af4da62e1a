"""What quick commands need of the owner: ask it, start it. Standard library alone."""

from __future__ import annotations

from tasktui.service.asking import answers, call
from tasktui.service.starting import start_owner

__all__ = ["answers", "call", "start_owner"]
