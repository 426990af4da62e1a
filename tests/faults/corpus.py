"""Text that attacks a terminal or a markup parser, and a reader of what a program emitted.

`PAYLOADS` goes into every widget and screen; `foreign(emitted)` then tells what reached the terminal that
neither Textual nor our driver writes by itself. `BYTES` are the like for streams, `FILE_NAMES` for artifacts.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

TITLE: Final = "OWNED-TITLE"
CLIPBOARD: Final = "T1dORUQ="
HOST: Final = "evil.example"

ESCAPES: Final[dict[str, str]] = {
    "colour": "\x1b[31mred\x1b[0m plain",
    "clear screen": "before\x1b[2J\x1b[Hafter",
    "cursor up": "line\x1b[5Aup",
    "scroll region": "\x1b[1;3rregion",
    "insert lines": "\x1b[9Linserted",
    "title by BEL": f"\x1b]0;{TITLE}\x07text",
    "title by ST": f"\x1b]2;{TITLE}\x1b\\text",
    "title unterminated": f"text \x1b]0;{TITLE}",
    "clipboard by BEL": f"\x1b]52;c;{CLIPBOARD}\x07text",
    "clipboard by ST": f"\x1b]52;c;{CLIPBOARD}\x1b\\text",
    "clipboard unterminated": f"text \x1b]52;c;{CLIPBOARD}",
    "hyperlink": f"\x1b]8;;http://{HOST}\x1b\\click\x1b]8;;\x1b\\",
    "palette": "\x1b]4;1;rgb:00/00/00\x07text",
    "notification": "\x1b]777;notify;owned;body\x07text",
    "leave alternate screen": "\x1b[?1049lgone",
    "show cursor": "\x1b[?25h\x1b[?1000lmodes",
    "soft reset": "\x1b[!preset",
    "hard reset": "\x1bcreset",
    "report title": "\x1b[21treport",
    "device attributes": "\x1b[c\x1b[>c\x1b[=creport",
    "cursor report": "\x1b[6nreport",
    "line drawing": "\x1b(0lqqk",
    "keypad": "\x1b=\x1b>keys",
    "sixel": "\x1bPq#0;2;0;0;0~~\x1b\\image",
    "terminal query": "\x1bP$q\x22p\x1b\\query",
    "kitty image": "\x1b_Gf=100,a=T;AAAA\x1b\\image",
    "privacy message": "\x1b^secret\x1b\\text",
    "start of string": "\x1bXsecret\x1b\\text",
    "unterminated string": "text \x1bPq#0",
    "cut sequence": "text \x1b[38;2;255",
    "escape at the end": "text \x1b",
    "nested": "\x1b\x1b[31m[31mtext\x1b]0;\x1b]0;x\x07\x07",
    "C1 control sequence": "\x9b31mred\x9b2J",
    "C1 title": f"\x9d0;{TITLE}\x9ctext",
    "C1 device control": "\x90q#0~\x9cimage",
    "C1 rest": "\x84\x85\x88\x8d\x8e\x8f\x96\x97\x9atext",
}
CONTROLS: Final[dict[str, str]] = {
    "NUL": "a\x00b",
    "BEL": "ding\x07dong",
    "backspace": "secret\x08\x08\x08\x08\x08\x08public",
    "carriage return": "rm -rf /\recho hello",
    "shift out": "\x0elqqk\x0f",
    "enquiry": "\x05\x04\x03text",
    "delete": "a\x7fb",
    "tabs": "a\tb\tc",
    "vertical": "a\x0bb\x0cc",
    "line separators": "one\u2028two\u2029three",
    "all C0": "".join(map(chr, range(32))),
    "all C1": "".join(map(chr, range(0x7F, 0xA0))),
}
UNICODE: Final[dict[str, str]] = {
    "right-to-left override": "photo_\u202egpj.exe",
    "isolates": "\u2066a\u2067b\u2068c\u2069",
    "embedding": "\u202aa\u202bb\u202cc\u202dd",
    "direction marks": "\u200ea\u200fb\u061cc",
    "zero-width": "pass\u200bword\u200c\u200d\u2060\ufeff\u00ad",
    "tags": "hi\U000e0068\U000e0069",
    "variation selectors": "a\ufe0f\U000e0100",
    "zalgo": "z" + "\u0301\u0316\u0489" * 40 + "algo",
    "marks alone": "\u0301" * 20,
    "lone surrogate": "a\ud800b\udfffc",
    "surrogate escapes": b"caf\xe9\xff".decode("utf-8", "surrogateescape"),
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "wide": "日本語テキスト🧵한국어",
    "emoji sequence": "👩‍👩‍👧‍👦🏳️‍🌈",
}
MARKUP: Final[dict[str, str]] = {
    "colour tag": "[red]red[/red]",
    "closing tag": "[/]",
    "path": "[/usr/bin]",
    "generic": "list[int] dict[str, int]",
    "action": "[@click=app.attacked]click[/]",
    "bare action": "[@click=app.quit]quit",
    "link": "[link=http://evil.example]link[/link]",
    "link value": "[link='http://evil.example']x",
    "unclosed": "[bold",
    "escaped": r"\[red] \\[red]",
    "variable": "$name ${name} %(name)s {name}",
    "style": "[on red blink reverse]x[/on red blink reverse]",
    "emoji code": ":skull: :warning:",
    "nested brackets": "[[[[red]]]] ]]]][[",
}
PAYLOADS: Final[dict[str, str]] = {
    **ESCAPES,
    **CONTROLS,
    **UNICODE,
    **MARKUP,
    "nothing": "",
    "blank": " \n \n",
}
"""Every hostile text by name."""
LONG_LINE: Final = "long " * 2_000_000
"""10 MB without a line break."""

BYTES: Final[dict[str, bytes]] = {
    "latin-1": "café £ naïve".encode("latin-1"),
    "truncated": "日本".encode()[:4],
    "overlong": b"\xc0\x80\xe0\x80\x80",
    "encoded surrogate": b"\xed\xa0\x80",
    "too large": b"\xf5\x80\x80\x80",
    "utf-16": "text".encode("utf-16"),
    "every byte": bytes(range(256)),
    "binary": bytes(range(255, -1, -1)) * 20,
    "raw C1": b"\x9b31mred\x9d0;x\x9c",
    **{name: text.encode("utf-8", "surrogatepass") for name, text in PAYLOADS.items()},
}
"""Every hostile stream by name, invalid UTF-8 among them."""

FILE_NAMES: Final[dict[str, bytes]] = {
    "right-to-left": "invoice_\u202efdp.exe".encode(),
    "escape": b"name\x1b[31m\x1b]0;title\x07",
    "newline": b"one\ntwo",
    "carriage return": b"visible\rhidden",
    "not UTF-8": b"caf\xe9",
    "markup": b"[red]file[@click=app.attacked].txt",
    "leading dash": b"-rf",
    "spaces": b"  spaced  ",
    "long": b"n" * 255,
}
"""Names that a file system accepts and a screen must survive."""

_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[0-?]*[ -/]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b(?P<string>[PX^_])[^\x1b]*\x1b\\"
    r"|\x1b(?P<escape>[ -/]*.?)"
    r"|(?P<single>[\x00-\x1a\x1c-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff])",
    re.DOTALL,
)
_MODES = {1000, 1003, 1004, 1006, 1015, 1016, 2004, 2048}
RUNNING: Final = frozenset(
    {
        "CSI m",
        "CSI H",
        "CSI G",
        "CSI C",
        "CSI X",
        "OSC 8",
        "OSC 22",
        "CSI ?2026$p",
        "CSI ?2048$p",
        "CSI >u",
        "U+000A",
        "U+000D",
    }
    | {f"CSI ?{mode}h" for mode in {1049, 2026, *_MODES}}
    | {"CSI ?25l", "CSI ?7l", "CSI ?2026l"}
)
"""What Textual and our driver write by themselves until they leave."""
VOCABULARY: Final = (
    RUNNING | {f"CSI ?{mode}l" for mode in {1049, *_MODES}} | {"CSI <u", "CSI ?25h", "CSI ?7h"}
)
"""The same with what they write when they leave."""


def parse_emitted(emitted: bytes) -> Counter[str]:
    """Count the sequences and controls in terminal output by shape: `CSI m`, `CSI ?25h`, `OSC 52`, `U+202E`.

    Parameters are kept only where they choose a mode. Invalid UTF-8 counts as `invalid UTF-8`.
    """
    text = emitted.decode("utf-8", "surrogateescape")
    shapes = Counter(_shape(match) for match in _SEQUENCE.finditer(text))
    shapes["invalid UTF-8"] = len(re.findall("[\udc80-\udcff]", text))
    return +shapes


def foreign(emitted: bytes, allowed: frozenset[str] = RUNNING) -> list[str]:
    """Return the shapes in terminal output that are not in the vocabulary, and payloads that came through."""
    canaries = [
        text for text in (TITLE, CLIPBOARD, HOST) if re.search(rf"\x1b\][^\x07\x1b]*{text}".encode(), emitted)
    ]
    return sorted(set(parse_emitted(emitted)) - allowed) + canaries


def _shape(match: re.Match[str]) -> str:
    kind = match.lastgroup
    value = match[kind] if kind else ""
    if kind == "csi":
        return "CSI " + (value if value[-1] in "hlp" else re.sub(r"[\d;:]+", "", value))
    if kind == "osc":
        return "OSC " + value.partition(";")[0]
    if kind == "single":
        return f"U+{ord(value):04X}"
    return f"ESC {value}"
