"""FAULTS 18 at the API: what is said there, and the tokens, are in no log, figure, error or argv."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import httpx
import pytest

from tests.faults.desks import address, served, submit, task, tasktui, until
from tests.faults.test_fault_18_secrets import holders, shown_to_all

pytestmark = pytest.mark.timeout(150)


@pytest.mark.feature(153)
def test_no_secret_of_a_request_is_kept_or_told(own_home: Path) -> None:
    query, body, header, env = (f"canary{secrets.token_hex(12)}" for _ in range(4))
    with served(own_home, "--listen", "127.0.0.1:0", env={"TASKTUI_LOG_LEVEL": "debug", "API_KEY": env}):
        url = address(own_home)
        tokens = [
            tasktui("--home", str(own_home), "token", *more).stdout.strip() for more in ((), ("--readonly",))
        ]
        assert all(len(token) > 30 for token in tokens)
        made = submit(own_home, "true", env={"PATH": os.environ["PATH"]})
        until(lambda: task(own_home, made)["status"] == "completed")
        told: list[str] = []
        for token in (*tokens, header):
            headers = {"authorization": f"Bearer {token}", "x-secret": header, "cookie": f"s={header}"}
            with httpx.Client(base_url=url, headers=headers, timeout=40) as client:
                answers = (
                    client.get(f"/v1/search?text={query}&token={token}"),
                    client.get(f"/v1/tasks?filter=nothing:{query}"),
                    client.get(f"/v1/tasks/{made}/timeline?after_seq={query}"),
                    client.post(f"/v1/tasks/{made}/intervene", json={"text": body}),
                    client.post("/v1/tasks", json={"spec": {"work": {"kind": "shell"}}, "env": {"A": body}}),
                    client.post("/v1/tasks", content=body),
                    client.post(f"/v1/lanes/{made}", json={"limit": body}),
                    *(client.get(path) for path in ("/metrics", "/v1/ready", "/v1/health", "/v1/stats")),
                )
            told += [json.dumps([dict(answer.headers), answer.text]) for answer in answers]
        whole = "\n".join(told)
        assert [one for one in (*tokens, body, header, env) if one in whole] == [], "said back to nobody"
        log = own_home / "log" / "tasktui.log"
        asked = (" port GET /v1/search 200 ", f" port POST /v1/tasks/{made}/intervene 403 ")
        until(lambda: all(one in log.read_text() for one in asked), what="what was asked is in the log")
        for secret in (query, body, header, env):
            assert holders(own_home, secret) == []
            assert shown_to_all(secret) == []
        assert [holders(own_home, token) for token in tokens] == [["api.token"], ["api.readonly.token"]]
        for token in tokens:
            assert shown_to_all(token) == []
            assert token not in (own_home.parent / "serve.log").read_text()
        lines = [line for line in log.read_text().splitlines() if "recording" in line]
        assert all(any(one in line for line in lines) for one in asked)
