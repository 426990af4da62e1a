"""Codes of errors in the Agent Client Protocol that say more than their words."""

from __future__ import annotations

from typing import Final

AUTH_REQUIRED: Final = -32000
UNREACHABLE: Final = -32094
"""Ours, of those left to implementations: there is no way to the agent, as the message says."""
