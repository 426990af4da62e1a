"""SQL for pages of tasks: each plan pinned to the index that serves it. Pure text, no connection.

A page is the merge of a few branches, one for each status or lane that is asked for, each of which walks an
index in the order of the list and stops at the limit; only the rows of the page itself are then read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tasktui.domain.query import Cursor, Sort, TaskQuery, Term
from tasktui.domain.rows import TASK_COLUMNS, UnixMs
from tasktui.domain.status import ACTIVE, TERMINAL, Group, Status

Value = str | int | float | None
ROW: Final = ", ".join(f"t.{column}" for column in TASK_COLUMNS)
"""The columns of a `TaskRow`, in its order."""
_TRIGRAM: Final = 3
_MOST_BRANCHES: Final = 45
_ENDED: Final = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
_RESULT_FOR_CLIENT: Final = f"t.status IN ({_ENDED}) AND t.client_id IS NOT NULL"
_ADDRESSES: Final = {
    "session": "tasks_session",
    "client": "tasks_client",
    "conversation": "tasks_conversation",
}
"""The index of each field that names few of many tasks."""
_KEYS: Final[dict[Sort, str]] = {
    "created": "t.created_seq",
    "updated": "t.updated_at",
    "finished": "coalesce(t.finished_at, -1)",
    "duration": "coalesce(t.duration_ms, -1)",
    "priority": "t.priority",
    "title": "lower(t.title)",
}
_RUNS: Final = ", ".join(f"'{status}'" for status in sorted(ACTIVE))
_GROUPS: Final = {
    Group.NEEDS_YOU: f"t.attention <> 'none' AND t.status NOT IN ({_ENDED})",
    Group.RUNNING: f"t.attention = 'none' AND t.status IN ({_RUNS})",
    Group.QUEUED: "t.attention = 'none' AND t.status = 'queued'",
    Group.FINISHED: f"t.status IN ({_ENDED})",
}
_GROUP_STATUSES: Final = {
    Group.NEEDS_YOU: frozenset(Status) - TERMINAL,
    Group.RUNNING: ACTIVE,
    Group.QUEUED: frozenset({Status.QUEUED}),
    Group.FINISHED: TERMINAL,
}


class Condition(NamedTuple):
    """A piece of a WHERE clause."""

    sql: str
    values: tuple[Value, ...] = ()


class Branch(NamedTuple):
    """One walk along an index."""

    source: str
    conditions: tuple[Condition, ...]
    place: str = "t.created_seq"


class Statement(NamedTuple):
    """SQL with its values."""

    sql: str
    values: list[Value]


def like(text: str) -> str:
    """Return the LIKE pattern for text that contains this one, with backslash as ESCAPE."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def phrase(text: str) -> str:
    """Return the full-text expression for a substring; a NUL, which would end it, finds nothing."""
    quoted = text.replace('"', '""').replace("\0", "\ufffd")
    return f'"{quoted}"'


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _in(column: str) -> Callable[[Term, UnixMs], Condition]:
    return lambda term, now: Condition(f"t.{column} IN ({_marks(term.values)})", term.values)


def _any(sql: str, shape: Callable[[str], str]) -> Callable[[Term, UnixMs], Condition]:
    def either(term: Term, now: UnixMs) -> Condition:
        values = [shape(str(value)) for value in term.values for _ in range(sql.count("?"))]
        return Condition(" OR ".join([sql] * len(term.values)), tuple(values))

    return either


def _compared(expression: str, *, clock: bool = False) -> Callable[[Term, UnixMs], Condition]:
    def compared(term: Term, now: UnixMs) -> Condition:
        operator = ">=" if term.operator == ">" else "<"
        return Condition(f"{expression} {operator} ?", (now,) * clock + term.values[:1])

    return compared


def _whether(sql: str) -> Callable[[Term, UnixMs], Condition]:
    return lambda term, now: Condition(f"({sql}) = ?", term.values[:1])


def _listed(term: Term, now: UnixMs) -> Condition:
    return Condition("t.created_seq IN (SELECT value FROM json_each(?))", term.values[:1])


_CONDITIONS: Final[dict[str, Callable[[Term, UnixMs], Condition]]] = {
    "status": _in("status"),
    "kind": _in("kind"),
    "lane": _in("lane"),
    "owner": _in("owner"),
    "client": _in("client_id"),
    "request": _in("request_id"),
    "session": _in("session_id"),
    "conversation": _in("conversation_id"),
    "agent": _in("agent_id"),
    "host": _in("agent_id"),
    "key": _in("exclusive_key"),
    "needs": lambda term, now: Condition(
        f"t.attention IN ({_marks(term.values)}) AND t.status NOT IN ({_ENDED})", term.values
    ),
    "tag": _any("instr(t.tags, ?) > 0", lambda value: f" {value} "),
    "id": _any("substr(t.id, 1, length(?)) = ?", lambda value: value),
    "tool": _any(
        "EXISTS (SELECT 1 FROM tool_calls c WHERE c.name = ? COLLATE NOCASE AND c.task = t.created_seq)",
        lambda value: value,
    ),
    "word": _any(
        "t.title LIKE ? ESCAPE '\\' OR"
        " EXISTS (SELECT 1 FROM bodies b WHERE b.task = t.created_seq AND b.prompt LIKE ? ESCAPE '\\')",
        like,
    ),
    "text": _listed,
    "since": _compared("t.created_at"),
    "before": _compared("t.created_at"),
    "age": _compared("? - t.created_at", clock=True),
    "duration": _compared("coalesce(t.duration_ms, max(0, ? - t.started_at))", clock=True),
    "undelivered": _whether(f"{_RESULT_FOR_CLIENT} AND t.delivered_at IS NULL"),
    "unacked": _whether(f"{_RESULT_FOR_CLIENT} AND t.acked_at IS NULL"),
    "acked": _whether("t.acked_at IS NOT NULL"),
}


def _condition(term: Term, now: UnixMs) -> Condition:
    made = _CONDITIONS[term.field](term, now)
    return Condition(f"NOT coalesce(({made.sql}), 0)" if term.negated else f"({made.sql})", made.values)


def _indexable(term: Term) -> bool:
    return term.field == "word" and not term.negated and all(len(str(v)) >= _TRIGRAM for v in term.values)


def _statuses(query: TaskQuery) -> frozenset[Status]:
    allowed = frozenset(Status) if query.group is None else _GROUP_STATUSES[query.group]
    for term in query.terms:
        if term.field == "status":
            named = {Status(str(value)) for value in term.values}
            allowed = allowed - named if term.negated else allowed & named
    return allowed


def branches(query: TaskQuery) -> list[Branch]:
    """Return the walks whose union is the listing."""
    common = [_condition(term, query.now) for term in query.terms if not _indexable(term)]
    if query.group is not None:
        common.append(Condition(_GROUPS[query.group]))
    common.append(Condition(f"t.archived_at IS {'NOT ' * query.archived}NULL"))
    words = [term for term in query.terms if _indexable(term)]
    if words:
        return _by_words(words, common, query)
    if query.sort != "created":
        return [Branch("tasks t", tuple(common))]
    addressed = next((t for t in query.terms if t.field in _ADDRESSES and not t.negated), None)
    if addressed is not None:
        return _by_address(addressed, common)
    if query.archived:
        return [Branch("tasks t INDEXED BY tasks_archived", tuple(common))]
    return _pinned(query, common)


def _by_words(words: list[Term], common: list[Condition], query: TaskQuery) -> list[Branch]:
    wanted = " AND ".join(f"({' OR '.join(phrase(str(v)) for v in term.values)})" for term in words)
    rest = [_condition(term, query.now) for term in words]
    return [
        Branch(
            "words f CROSS JOIN tasks t ON t.created_seq = f.rowid",
            (Condition("f.words MATCH ?", (wanted,)), *common),
            "f.rowid",
        ),
        Branch(
            "tasks t NOT INDEXED",
            (Condition("t.created_seq > (SELECT words_upto FROM state)"), *common, *rest),
        ),
    ]


def _by_address(term: Term, common: list[Condition]) -> list[Branch]:
    source = f"tasks t INDEXED BY {_ADDRESSES[term.field]}"
    return [
        Branch(source, (Condition(f"t.{term.field}_id = ?", (value,)), *common))
        for value in dict.fromkeys(term.values)
    ]


def _pinned(query: TaskQuery, common: list[Condition]) -> list[Branch]:
    statuses = sorted(_statuses(query))
    lanes = next((t.values for t in query.terms if t.field == "lane" and not t.negated), ())
    key = next((t for t in query.terms if t.field == "key" and not t.negated), None)
    if key is not None and TERMINAL.isdisjoint(statuses):
        line = Condition(f"t.exclusive_key IN ({_marks(key.values)})", key.values)
        unended = Condition("t.finished_at IS NULL")
        return [Branch("tasks t INDEXED BY tasks_line", (line, unended, *common))]
    if query.group == Group.NEEDS_YOU or any(t.field == "needs" and not t.negated for t in query.terms):
        return [Branch("tasks t INDEXED BY tasks_open", (Condition("t.attention <> 'none'"), *common))]
    if lanes and len(lanes) * len(statuses) <= _MOST_BRANCHES:
        return [
            Branch(
                "tasks t INDEXED BY tasks_lane",
                (Condition("t.lane = ?", (lane,)), Condition("t.status = ?", (status,)), *common),
            )
            for lane in dict.fromkeys(lanes)
            for status in statuses
        ]
    if len(statuses) < len(Status):
        return [
            Branch("tasks t INDEXED BY tasks_status", (Condition("t.status = ?", (status,)), *common))
            for status in statuses
        ]
    return [Branch("tasks t INDEXED BY tasks_shown", tuple(common))]


def _beyond(cursor: Cursor, key: str, place: str, sign: str) -> Condition:
    if key == "t.created_seq":
        return Condition(f"{place} {sign} ?", (cursor.created_seq,))
    return Condition(f"({key}, t.created_seq) {sign} (?, ?)", (cursor.key, cursor.created_seq))


def page_sql(
    query: TaskQuery, *, start: Cursor | None, forward: bool, skip: int, limit: int
) -> Statement | None:
    """Return the statement for a page in walking order, None where nothing can fit.

    Args:
        query: which and in what order.
        start: the row beside which the walk begins; None for the list's first end.
        forward: whether to walk in the query's order.
        skip: rows to pass over.
        limit: rows to return.
    """
    key = _KEYS[query.sort]
    rising = query.reverse == forward
    order, sign = ("ASC", ">") if rising else ("DESC", "<")
    walks, values = [], []
    for branch in branches(query):
        conditions = list(branch.conditions)
        if start is not None:
            conditions.append(_beyond(start, key, branch.place, sign))
        column = branch.place if key == "t.created_seq" else key
        by = f"{column} {order}" if column == branch.place else f"{column} {order}, {branch.place} {order}"
        walks.append(
            f"SELECT * FROM (SELECT {column} AS k, {branch.place} AS s FROM {branch.source}"
            f" WHERE {' AND '.join(condition.sql for condition in conditions)} ORDER BY {by} LIMIT ?)"
        )
        values += [value for condition in conditions for value in condition.values]
        values.append(skip + limit)
    if not walks:
        return None
    sql = (
        f"SELECT {ROW} FROM (SELECT k, s FROM ({' UNION ALL '.join(walks)})"
        f" ORDER BY k {order}, s {order} LIMIT ? OFFSET ?) w"
        f" CROSS JOIN tasks t ON t.created_seq = w.s ORDER BY w.k {order}, w.s {order}"
    )
    return Statement(sql, [*values, limit, skip])


def count_sql(query: TaskQuery, limit: int) -> Statement | None:
    """Return the statement that counts up to `limit`, None where nothing can fit."""
    walks, values = [], []
    for branch in branches(query):
        where = " AND ".join(condition.sql for condition in branch.conditions)
        walks.append(f"SELECT * FROM (SELECT 1 FROM {branch.source} WHERE {where} LIMIT ?)")
        values += [value for condition in branch.conditions for value in condition.values]
        values.append(limit)
    if not walks:
        return None
    return Statement(f"SELECT min(count(*), {int(limit)}) FROM ({' UNION ALL '.join(walks)})", values)
