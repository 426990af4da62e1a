"""Server-sent events as they arrive: bytes in, the data of whole events out (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from collections.abc import Iterator


class TooLongError(Exception):
    """An event is longer than may be."""


class Events:
    """Takes the bytes of one stream; a line, or a letter, may come in pieces."""

    def __init__(self, most: int) -> None:
        """Take how many bytes an event may have."""
        self._most = most
        self._held = 0
        """Bytes since the last event ended."""
        self._pieces: list[bytes] = []
        """Of the line that has not ended."""
        self.comments = 0
        """How many came: servers send them so that a quiet stream is known to live."""
        self._data: list[bytes] = []
        """Lines of the event that has not ended."""

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Yield the data of each event that ends in the bytes.

        Raises:
            TooLongError: more than may be came without an end.
        """
        *ended, rest = received.split(b"\n")
        for piece in ended:
            self._hold(len(piece) + 1)
            line = b"".join([*self._pieces, piece]).removesuffix(b"\r")
            self._pieces.clear()
            yield from self._line(line)
        self._hold(len(rest))
        self._pieces.append(rest)

    def _hold(self, more: int) -> None:
        self._held += more
        if self._held > self._most:
            raise TooLongError

    def _line(self, line: bytes) -> Iterator[bytes]:
        if not line:
            event = b"\n".join(self._data)
            self._data.clear()
            self._held = 0
            if event.strip():
                yield event
            return
        name, _, value = line.partition(b":")
        self.comments += not name
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
