"""Where the style sheets lie: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Final

_PACKAGE: Final = Path(__file__).parent.parent
FOLDER: Final = next(
    (
        folder
        for folder in (_PACKAGE / "styles", _PACKAGE.parent / "styles")
        if (folder / "app.tcss").is_file()
    ),
    _PACKAGE / "styles",
)
"""The folder of style sheets."""


def sheets(*names: str) -> list[str | PurePath]:
    """Return the paths of style sheets by their names without `.tcss`."""
    return [FOLDER / f"{name}.tcss" for name in names if (FOLDER / f"{name}.tcss").is_file()]
