"""FAULTS 20: whatever is sent to the routes of the OpenAPI, no answer is a 5xx, a hang, or not as published.

What is queued by it never runs: the only place is taken, and the owner finds no program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tasktui.service.api import make_app
from tasktui.service.tokens import token
from tests.faults.desks import address, served, submit, task, until

pytestmark = pytest.mark.timeout(180)

DESCRIPTION = make_app(None, stop=asyncio.Event()).openapi()  # type: ignore[arg-type]  # nobody is asked
SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
ENDLESS = {"events", "task_events", "changes"}
FULL = {"RATE_LIMIT_EXCEEDED", "UNAVAILABLE"}
"""What a 503 may say: come back later."""
HANG_S = 40


class Owner:
    """A real owner, with tasks in every state that requests may name."""

    def __init__(self, home: Path, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["authorization"] = f"Bearer {token(home, 'act')}"
        done = submit(home, ["/bin/true"])
        until(lambda: task(home, done)["status"] == "completed")
        busy = submit(home, ["/bin/sleep", "600"])
        until(lambda: task(home, busy)["status"] == "running")
        self.kept = [done, *(submit(home, ["/bin/true"], priority=-n) for n in range(3))]
        self.busy = busy

    def ask(self, case: schemathesis.Case, *, endless: bool) -> requests.Response:
        wanted = case.as_transport_kwargs(base_url=self.url)
        return self.session.request(**wanted, timeout=HANG_S, stream=endless, allow_redirects=False)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    folder = tmp_path_factory.mktemp("api")
    env = {"PATH": "/nonexistent", "TASKTUI_MAX_RUNNING": "1", "TASKTUI_LOG_LEVEL": "error"}
    with served(folder / "home", "--listen", "127.0.0.1:0", env=env):
        url = address(folder / "home")
        made = Owner(folder / "home", url)
        with closing(made.session):
            yield made
            answer = made.session.get(f"{url}/v1/ready", timeout=HANG_S)
            assert answer.json() == {"ready": True, "reason": None}, "the owner came to no harm"
            assert (
                made.session.get(f"{url}/v1/tasks/{made.busy}", timeout=HANG_S).json()["status"] == "running"
            )


def try_out(owner: Owner, label: str, mode: GenerationMode, examples: int) -> None:
    operation = OPERATIONS[label]
    name = operation.definition.raw["operationId"]

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), known=st.sampled_from([*owner.kept, None]))
    def ask(case: schemathesis.Case, known: str | None) -> None:
        if known and "task_id" in (case.path_parameters or {}):
            case.path_parameters["task_id"] = owner.kept[0] if name == "task_events" else known
        if name == "wait" and not str(case.query.get("timeout_s", 1)).isalpha():
            case.query["timeout_s"] = 0.05
        with owner.ask(case, endless=name in ENDLESS) as answer:
            check(case, answer, endless=name in ENDLESS)

    ask()


def check(case: schemathesis.Case, answer: requests.Response, *, endless: bool) -> None:
    if answer.status_code >= 500 and case.operation.path != "/v1/ready":
        told = answer.json()["error"]
        assert answer.status_code == 503, (told, case.as_curl_command())
        assert told["code"] in FULL, (told, case.as_curl_command())
    if not endless or answer.status_code >= 400:
        case.validate_response(answer, checks=CHECKS)
    assert answer.headers["x-request-id"]


MODES = [pytest.param(mode, id=mode.value) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]


def can_be_wrong(label: str) -> bool:
    """Whether there is anything but a path, in which every text is one."""
    raw: dict[str, Any] = OPERATIONS[label].definition.raw
    return "requestBody" in raw or any(one["in"] != "path" for one in raw.get("parameters", ()))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_owner(owner: Owner, label: str, mode: GenerationMode) -> None:
    if mode is GenerationMode.POSITIVE or can_be_wrong(label):
        try_out(owner, label, mode, 4)


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_many_requests_do_not_break_the_owner(owner: Owner, label: str, mode: GenerationMode) -> None:
    if mode is GenerationMode.POSITIVE or can_be_wrong(label):
        try_out(owner, label, mode, 300)


TERM = {"field": "session", "operator": "contains", "values": [-5]}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/tasks?filter=words%00", None, 200),
        ("GET", "/v1/search?text=words%00", None, 200),
        ("POST", "/v1/tasks/count", {"query": {"terms": [TERM]}}, 400),
        ("POST", "/v1/tasks/page", {"query": {"terms": [TERM | {"operator": "is", "values": []}]}}, 400),
        ("POST", "/v1/tasks/page", {"query": {"terms": [TERM | {"field": "status"}]}}, 400),
        ("POST", "/v1/tasks/page", {"query": {"now": 2**70}}, 400),
        ("POST", "/v1/tasks/page", {"query": {}, "after": {"key": 1, "created_seq": 2**64}}, 400),
        ("GET", f"/v1/tasks/x/timeline?types={'x' * 60_000}", None, 400),
    ],
)
def test_what_once_broke_the_owner(
    owner: Owner, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    answer = owner.session.request(method, owner.url + path, json=body, timeout=HANG_S)
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json()["error"]["code"] == "INVALID"
    assert answer.headers["x-request-id"]


def test_every_route_is_described() -> None:
    assert len(OPERATIONS) > 45
    for label, operation in OPERATIONS.items():
        answers = operation.definition.raw["responses"]
        good = next(answer for status, answer in answers.items() if status.startswith("2"))
        assert good["content"], label
        assert {"400", "403", "404", "409"} <= set(answers), label
