"""The filter that a person types, read into terms: the same in `ls`, on the screen and in the API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final, cast, get_args

from tasktui.domain.durations import parse_duration
from tasktui.domain.errors import FilterError
from tasktui.domain.query import Field, Operator, Term
from tasktui.domain.rows import UnixMs
from tasktui.domain.status import ACTIVE, TERMINAL, Attention, Kind, Status, parse_status

_TOKEN: Final = re.compile(r'(?P<no>!?)(?:(?P<name>[A-Za-z_]+)(?P<op>[:<>]))?(?P<rest>(?:"[^"]*"|[^\s"])*)')
_VALUE: Final = re.compile(r'"([^"]*)"|([^",]+)')
_FIELDS: Final = frozenset(get_args(Field)) - {"word"}
_COMPARED: Final = frozenset({"age", "duration"})
_SETS: Final = {
    "active": sorted(ACTIVE), "finished": sorted(TERMINAL),
    "done": [Status.COMPLETED],  # the word that lists have for it
}  # fmt: skip
_NEEDS: Final = {
    "you": (Attention.APPROVAL, Attention.INPUT),
    "approval": (Attention.APPROVAL,),
    "input": (Attention.INPUT,),
}

Value = str | int


def parse_filter(text: str, *, now: UnixMs, saved: Mapping[str, str] | None = None) -> tuple[Term, ...]:
    """Read a filter line; an empty one has no terms.

    Args:
        text: terms between spaces: `status:failed age>10m "exact words" !word @saved`.
        now: the instant from which `since:2h` counts back.
        saved: filters by name, for which `@name` stands; None: it is a word like others.

    Raises:
        FilterError: a term is wrong; its `column` says which.
    """
    terms: list[Term] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = cast(re.Match[str], _TOKEN.match(text, at))
        if text.startswith('"', found.end()):
            raise FilterError("a quotation mark is not closed", column=found.end() + 1)
        if saved is not None and found["name"] is None and found["rest"].startswith("@"):
            terms += _saved(found, now, saved)
        else:
            terms.append(_term(found, now))
        at = found.end()
    return tuple(terms)


def _saved(found: re.Match[str], now: UnixMs, saved: Mapping[str, str]) -> tuple[Term, ...]:
    """Read the filter that a name stands for; one in it is not looked up again."""
    name, column = found["rest"][1:], found.start() + 1
    if found["no"]:
        raise FilterError(f"a saved filter cannot be turned round: !@{name}", column=column)
    if name not in saved:
        near = get_close_matches(name, saved, n=1)
        instead = f"did you mean @{near[0]}?" if near else "put it in quotes to look for the text"
        raise FilterError(f"no saved filter @{name}: {instead}", column=column)
    try:
        return parse_filter(saved[name], now=now)
    except FilterError as exc:
        raise FilterError(f"in @{name}: {exc.message}", column=column) from exc


def _term(found: re.Match[str], now: UnixMs) -> Term:
    name, operator, rest = found["name"], found["op"], found["rest"]
    column = found.start() + len(found["no"]) + 1
    negated = bool(found["no"])
    if name is None or (operator != ":" and name.lower() not in _FIELDS):
        word = f"{name or ''}{operator or ''}{rest}".replace('"', "")
        if not word:
            raise FilterError("there is nothing after this", column=found.start() + 1)
        return Term("word", "contains", (word,), negated)
    field = _field(name.lower(), operator, column)
    values = [quoted or bare for quoted, bare in _VALUE.findall(rest)]
    if not values or not all(values):
        raise FilterError(f"{name}{operator} needs a value", column=column)
    try:
        read = tuple(item for value in values for item in _read(field, value, now))
    except ValueError as exc:
        raise FilterError(f"{field}: {exc}", column=column + len(name) + 1) from exc
    return Term(field, _operator(field, operator), read, negated)


def _field(name: str, operator: str, column: int) -> Field:
    if name not in _FIELDS:
        near = get_close_matches(name, _FIELDS, n=1)
        instead = f"did you mean {near[0]}:?" if near else "put it in quotes to look for the text"
        raise FilterError(f"unknown filter {name}: {instead}", column=column)
    if (name in _COMPARED) == (operator == ":"):
        example = f"{name}>10m" if name in _COMPARED else f"{name}:…"
        raise FilterError(f"write {example}", column=column)
    return cast(Field, name)


def _operator(field: Field, written: str) -> Operator:
    fixed: dict[str, Operator] = {"since": ">", "before": "<", "text": "contains"}
    return fixed.get(field, cast(Operator, "is" if written == ":" else written))


def _status(value: str, now: UnixMs) -> tuple[Value, ...]:
    named = _SETS.get(value.lower())
    if named is not None:
        return tuple(named)
    try:
        return (parse_status(value),)
    except ValueError as exc:
        raise ValueError(f"no such status: {value}; there are {', '.join((*Status, *_SETS))}") from exc


def _kind(value: str, now: UnixMs) -> tuple[Value, ...]:
    if value.lower() not in set(Kind):
        raise ValueError(f"not one of {', '.join(Kind)}: {value}")
    return (Kind(value.lower()),)


def _needs(value: str, now: UnixMs) -> tuple[Value, ...]:
    if value.lower() not in _NEEDS:
        raise ValueError(f"not one of {', '.join(_NEEDS)}: {value}")
    return _NEEDS[value.lower()]


def _instant(value: str, now: UnixMs) -> tuple[Value, ...]:
    if value[:4].isdigit() and value[4:5] == "-":
        read = datetime.fromisoformat(value)
        return (int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000),)
    return (now - parse_duration(value),)


def _span(value: str, now: UnixMs) -> tuple[Value, ...]:
    return (parse_duration(value),)


def _yes(value: str, now: UnixMs) -> tuple[Value, ...]:
    if value.lower() not in {"yes", "no"}:
        raise ValueError(f"not yes or no: {value}")
    return (int(value.lower() == "yes"),)


_READERS: Final[dict[str, Callable[[str, UnixMs], tuple[Value, ...]]]] = {
    "status": _status,
    "kind": _kind,
    "needs": _needs,
    "since": _instant,
    "before": _instant,
    "age": _span,
    "duration": _span,
    "undelivered": _yes,
    "unacked": _yes,
    "acked": _yes,
}


def _read(field: Field, value: str, now: UnixMs) -> tuple[Value, ...]:
    reader = _READERS.get(field)
    return reader(value, now) if reader is not None else (value,)
