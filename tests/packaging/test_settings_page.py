"""docs/settings.md has every setting with its default, and every word that a filter knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from tasktui.config import KEYS, Config
from tasktui.domain.filter import parse_filter
from tasktui.domain.query import Field

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
SETTINGS, FILTERS = PAGE.split("## Filters")


def test_every_setting_is_there_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", SETTINGS, re.MULTILINE))
    assert set(told) == set(KEYS)
    for key in KEYS:
        default = getattr(Config(), key)
        if isinstance(default, bool):
            assert told[key] == f"`{str(default).lower()}`", key
        elif isinstance(default, int | float) and key != "output_cap_bytes":
            assert told[key] == f"`{default:g}`", key
        elif isinstance(default, str) and default:
            assert told[key] == f"`{default}`", key


def test_every_word_of_a_filter_is_there_and_is_one() -> None:
    terms = [
        term
        for row in re.findall(r"^\| (`.*?) \|", FILTERS, re.MULTILINE)
        for term in re.findall(r"`([^`@]+)`", row)
    ]
    read = {field.field for term in terms for field in parse_filter(term, now=0)}
    assert read == set(get_args(Field))
