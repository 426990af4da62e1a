"""Makes text from outside harmless to a terminal: str in, str out, nothing else.

What comes out holds no escape sequence, control, bidirectional override, surrogate or zero-width character,
and no base character carries more than three combining marks. Raw bytes stay in the store as they came; this
runs once where text is about to be shown.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from unicodedata import category

LIMIT: Final = 4096
"""Characters kept of one text, and bytes held of one unfinished line."""
TAB_STOP: Final = 8
"""Columns between tab stops, as terminals have them."""
MARKS_PER_BASE: Final = 3
"""Combining marks kept on one base character."""
REPLACEMENT: Final = "\ufffd"
_SHORT: Final = 12

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ILL_FORMED = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_SUSPECT = f"[\t{_CONTROL}{_ILL_FORMED}\u2028\u2029{_BIDI}{_INVISIBLE}]"
_REPLACED = f"[\x80-\x9f{_ILL_FORMED}{_BIDI}]"
_REMOVED = f"[{_INVISIBLE}]"
# Runs that may be marks: not letters, not the symbol blocks that are common in output.
_MARKS = "[^\\w\\s\x00-\u02ff\u2010-\u20cf\u2100-\u2bff]{4,}"
_PICTURES = {code: 0x2400 + code for code in range(0x20) if code not in {0x09, 0x0A}} | {0x7F: 0x2421}
_DRAWN = _PICTURES | {0x09: 0x2409, 0x0A: 0x240A} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
# ECMA-48: control sequences; strings closed by BEL, ST or, failing both, the end of the line; the rest.
_SEQUENCE = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|[^\x07\x1b\x9c\n]*)"
    r"|\x1b[ -/]*[0-~]"
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern, compiled when the first text needs it: most never do, and the first frame waits."""
    return re.compile(pattern)


def clean(text: str, *, limit: int = LIMIT, multiline: bool = False, progress: bool = False) -> str:
    """Return `text` as something that can be shown, with nothing hidden but formatting.

    Args:
        text: Anything, even lone surrogates.
        limit: Longest result in characters; a longer text ends in a count of what was cut.
        multiline: Keep line breaks. Otherwise each is drawn as `␤` and names stay on one line.
        progress: Let a carriage return overwrite its line, as program output means it. Otherwise it is drawn
            as `␍`: a command or a name must not hide its beginning.

    Returns:
        Plain text; cleaning it again changes nothing.
    """
    if len(text) <= limit and text.isprintable() and (text.isascii() or _is_plain(text)):
        return text
    shown = _scrub(text[:limit], progress=progress)
    return _cut(shown if multiline else _one_line(shown), limit, len(text) - limit)


def clean_output(text: str, *, limit: int = LIMIT) -> str:
    """Clean what a program printed: lines are kept, and a progress bar shows its last state."""
    return clean(text, limit=limit, multiline=True, progress=True)


def reveal(text: str, *, limit: int = LIMIT) -> str:
    """Return one line in which escape sequences are drawn instead of removed: `␛[31m`."""
    return _cut(_one_line(_scrub(text[:limit].translate(_DRAWN))), limit, len(text) - limit)


def spelled(json: str) -> str:
    """Return JSON that means the same, with all in it that is not to reach a terminal as its escape."""
    return _compiled(_SUSPECT).sub(_spell, json)


def decode(data: bytes) -> str:
    """Return bytes as text; what is not UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace")


def split_lines(text: str, *, limit: int = LIMIT) -> list[str]:
    """Clean what a program printed and return its lines, each within `limit` characters."""
    cleaner = StreamCleaner(limit=limit)
    return cleaner.feed(text.encode("utf-8", "replace")) + cleaner.close()


def summarize(text: str, limit: int = 240) -> str:
    """Return one line of at most `limit` characters; a longer text keeps its beginning and ends in `...`."""
    window = limit * 16
    words = " ".join(_scrub(text[:window]).split())
    if len(words) <= limit and len(text) <= window:
        return words
    return words[: limit - 3].rstrip() + "..."


class StreamCleaner:
    """Turns chunks of program output into clean lines, holding at most `limit` bytes of an unfinished one."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held = bytearray()
        self._dropped = 0
        self._returned = False

    @property
    def tail(self) -> str:
        """The unfinished line as it looks now, such as a progress bar."""
        return self._line()

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completed."""
        *complete, rest = data.split(b"\n")
        lines = []
        for piece in complete:
            self._hold(piece)
            lines.append(self._line())
            self._reset()
        self._hold(rest)
        return lines

    def close(self) -> list[str]:
        """Return the last line if it never ended."""
        lines = [self._line()] if self._held else []
        self._reset()
        return lines

    def _hold(self, piece: bytes) -> None:
        body = piece.rstrip(b"\r")
        if self._returned and body:
            self._reset()
        self._returned = len(body) < len(piece) or (self._returned and not piece)
        if b"\r" in body:
            self._held.clear()
            self._dropped = 0
            body = body.rpartition(b"\r")[2]
        room = self._limit - len(self._held)
        self._held += body[:room]
        self._dropped += max(0, len(body) - room)

    def _line(self) -> str:
        shown = clean(decode(bytes(self._held)), limit=self._limit)
        return f"{shown}… (+{self._dropped:,} bytes)" if self._dropped else shown

    def _reset(self) -> None:
        self._held.clear()
        self._dropped = 0
        self._returned = False


def _scrub(text: str, *, progress: bool = False) -> str:
    if _compiled(_SUSPECT).search(text):
        text = _compiled(_SEQUENCE).sub("", text.replace("\r\n", "\n"))
        if progress and "\r" in text:
            text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
        text = text.replace("\u2028", "\n").replace("\u2029", "\n").translate(_PICTURES)
        text = _compiled(_REMOVED).sub("", _compiled(_REPLACED).sub(REPLACEMENT, text)).expandtabs(TAB_STOP)
    return text if text.isascii() else _compiled(_MARKS).sub(_thin_marks, text)


def _spell(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _is_plain(text: str) -> bool:
    """Whether printable text is too short for a pattern to pay, as a glyph is, and has no combining mark."""
    return len(text) <= _SHORT and not any(category(char)[0] == "M" for char in text)


def _one_line(text: str) -> str:
    return text.rstrip("\n").replace("\n", "␤")


def _thin_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in run[0]:
        marks = marks + 1 if category(char) in {"Mn", "Me"} else 0
        if marks <= MARKS_PER_BASE:
            kept.append(char)
    return "".join(kept)


def _cut(shown: str, limit: int, unseen: int) -> str:
    excess = max(0, unseen)
    if not excess and len(shown) <= limit:
        return shown
    mark = f"… (+{excess + max(0, len(shown) - limit):,} chars)"
    kept = max(0, min(len(shown), limit - len(mark)))
    return shown[:kept] + f"… (+{excess + len(shown) - kept:,} chars)"[: limit - kept]
