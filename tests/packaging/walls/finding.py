"""What a wall reports, and the tracked files that the walls read."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One place that breaks a wall."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def project_files(root: Path = ROOT) -> list[str]:
    """Paths, relative to `root`, of the files git tracks or would track, without those that are gone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        timeout=30,
    )
    names = {name for name in listed.stdout.decode().split("\0") if name}
    return sorted(name for name in names if (root / name).is_file())


def read_text(path: Path) -> str | None:
    """The text of a file, or None where it is no text."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
