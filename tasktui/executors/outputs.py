"""The output of runs as the manager reads it: the newest in the task's directory, former ones beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tasktui.domain.requests import OutputChunk
from tasktui.domain.rows import UnixMs
from tasktui.executors.output import OutputReader
from tasktui.executors.run_files import read_head, read_record

MAX_READ: Final = 4 << 20
"""Bytes that one call returns at most."""


STEP_MS: Final = 1000
"""Pieces of one stream within this time share a mark."""


class FileOutputs:
    """The `Outputs` port over the files that shims write."""

    def read(self, directory: Path, *, run: int, offset: int, limit: int) -> OutputChunk:
        """Return a stretch; a negative offset counts from the end."""
        reader = OutputReader(_of_run(directory, run))
        size = reader.size
        start = max(0, size + offset) if offset < 0 else offset
        pieces = reader.pieces(start, max(0, min(limit, MAX_READ)))
        data = b"".join(piece.data for piece in pieces)
        begin = pieces[0].offset if pieces else start
        marks: list[tuple[int, int, UnixMs]] = []
        for piece in pieces:
            if not marks or marks[-1][1] != piece.stream or piece.time_ms - marks[-1][2] >= STEP_MS:
                marks.append((piece.offset, piece.stream, piece.time_ms))
        dropped = tuple((first, last - first) for first, last in reader.dropped())
        return OutputChunk(begin, data, begin + len(data), size, dropped, tuple(marks))

    def ends(self, directory: Path, *, run: int, limit: int) -> tuple[bytes, bytes]:
        """Return at most the first and the last `limit` bytes, which do not overlap."""
        reader = OutputReader(_of_run(directory, run))
        head, after = reader.read(0, limit)
        tail = b""
        offset = max(after, reader.size - limit)
        while len(tail) < limit:
            piece, offset = reader.read(offset, limit - len(tail))
            if not piece:
                break
            tail += piece
        return head, tail


def _of_run(directory: Path, run: int) -> Path:
    """Return where a run's files are, or will be once it has begun: those of another run are none of its."""
    newest = read_head(directory) or read_record(directory)
    return directory if newest is None or newest.run == run else directory / f"run.{run}"
