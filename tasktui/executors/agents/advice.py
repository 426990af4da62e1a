"""What a person can do about an agent that failed, told from its own words."""

from __future__ import annotations

import re
from typing import Final

from tasktui.executors.agents.presets import Preset

_LOGIN: Final = re.compile(
    r"not logged in|log ?in required|please (log|sign) ?in|auth\w* (required|failed|method)"
    r"|unauthori[sz]ed"
    r"|invalid api key|api key (is )?(missing|not|invalid|required)|no api key|\b401\b|authentication_error",
    re.IGNORECASE,
)
_NETWORK: Final = re.compile(
    r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|fetch failed|network error"
    r"|connection (error|refused)"
    r"|could not resolve|stream disconnected|error sending request",
    re.IGNORECASE,
)
_LIMIT: Final = re.compile(
    r"rate.?limit|usage limit|quota|too many requests|\b429\b|overloaded", re.IGNORECASE
)
_VERSION: Final = re.compile(
    r"unknown (option|argument|command|flag)|unexpected argument|unrecognized|requires node"
    r"|unsupported engine"
    r"|method not found|SyntaxError",
    re.IGNORECASE,
)


def code_of(text: str) -> str | None:
    """Return the sort of failure that an agent's words tell of, where they do."""
    for code, pattern in (
        ("agent_limit", _LIMIT),
        ("agent_login", _LOGIN),
        ("agent_network", _NETWORK),
        ("agent_version", _VERSION),
    ):
        if pattern.search(text):
            return code
    return None


def sentence(preset: Preset, text: str) -> str | None:
    """Return what to do about a failure; None where its words tell nothing."""
    return about(preset, code_of(text))


def about(preset: Preset, code: str | None) -> str | None:
    """Return what to do about a sort of failure."""
    title = preset.title or preset.name
    match code:
        case "agent_limit":
            return f"{title} is at its provider's limit: try again later."
        case "agent_login":
            return f"{title} is not logged in. {preset.login}".strip()
        case "agent_network" if preset.url:
            return None  # what keeps us from it was said with what to do
        case "agent_network":
            return f"{title} could not reach its service: look at the network and at its base URL."
        case "agent_version":
            return f"{title} does not understand how it was started: its version is not one tasktui knows."
        case _:
            return None


def not_there(preset: Preset) -> str:
    """Return what to do about a program that is not installed."""
    title = preset.title or preset.name
    if preset.url:
        return f"The program that talks with {title} is gone: tasktui was moved or removed. Start it anew."
    how = f" Install it: {preset.install}" if preset.install else ""
    return f"{title} is not installed: {preset.argv[0]} is not in the PATH.{how}"
