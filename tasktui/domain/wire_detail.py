"""What belongs to one task as JSON: checklist, tool calls, files, messages, questions, evidence.

Made of the standard library alone, for `show --json` without an owner; `wire_answers` adds the spec's model.
"""

from __future__ import annotations

from typing import Final, Protocol

from tasktui.domain.records import Artifact, EvidenceRow, InterventionRow, RequestRow, ToolCall
from tasktui.domain.wire import JsonObject, time_text
from tasktui.domain.wire_records import ARTIFACT, INTERVENTION, REQUEST, TOOL_CALL, json_value

EVIDENCE_LISTS: Final = {
    "gate": "gates", "attempt": "attempts", "github": "github_events", "segment": "segments",
}  # fmt: skip
"""The list in which each kind of evidence stands."""
STORED_TEXTS: Final = {"checklist": "checklist", "reported_usage": "usage", "metadata": "metadata"}
"""Fields of the detail that lie in the store as JSON; what the end reported is not the task's own `usage`."""


class Belongings(Protocol):
    """What belongs to a task, as the store and the manager return it."""

    @property
    def checklist(self) -> str | None:
        """JSON of the last `checklist.updated`."""

    @property
    def usage(self) -> str | None:
        """JSON of the usage that the end reported."""

    @property
    def metadata(self) -> str | None:
        """JSON of what the submitter attached."""

    @property
    def result_inline(self) -> str | None:
        """The result itself, when it is small."""

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The newest ones."""

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The newest ones."""

    @property
    def interventions(self) -> tuple[InterventionRow, ...]:
        """All of them."""

    @property
    def requests(self) -> tuple[RequestRow, ...]:
        """All of them."""

    @property
    def evidence(self) -> tuple[EvidenceRow, ...]:
        """All of it."""


def belongings_object(detail: Belongings) -> JsonObject:
    """Return what belongs to a task as an object."""
    made: JsonObject = {name: json_value(getattr(detail, field)) for name, field in STORED_TEXTS.items()}
    made["result_inline"] = detail.result_inline
    made["tool_calls"] = [TOOL_CALL.object(call) for call in detail.tool_calls]
    made["artifacts"] = [ARTIFACT.object(artifact) for artifact in detail.artifacts]
    made["interventions"] = [INTERVENTION.object(row) for row in detail.interventions]
    made["approvals"] = [REQUEST.object(row) for row in detail.requests]
    for kind, name in EVIDENCE_LISTS.items():
        made[name] = [_evidence_object(row) for row in detail.evidence if row.kind == kind]
    return made


def _evidence_object(row: EvidenceRow) -> JsonObject:
    return {"key": row.key, **json_value(row.record), "recorded_at": time_text(row.recorded_at)}
