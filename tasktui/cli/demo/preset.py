"""The agent of the demo, told as a person would add one to the configuration."""

from __future__ import annotations

import sys
from typing import Final

AGENT: Final = "demo"
AGENTS: Final = {
    AGENT: {
        "protocol": "acp",
        "title": "Demo agent",
        "argv": [sys.executable, "-m", "tasktui.cli.demo.agent"],
        "intervene": "steer",
        "resume": "none",
    }
}
"""What stands under `agents`."""
