"""Which requests are answered at all, by where they come from."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict

from tasktui.web.guard import ANSWER, refusal

HOST = "127.0.0.1:8000"
OWN = f"http://{HOST}"


def judged(*headers: tuple[str, str], host: str = HOST, method: str = "GET", socket: bool = False) -> int:
    found = refusal(method, CIMultiDict([("Host", host), *headers]), socket=socket)
    return 0 if found is None else int(found.status)


@pytest.mark.parametrize("host", [HOST, "localhost:9", "LocalHost:9", "127.0.0.1", "[::1]:8000", "[::1]"])
def test_this_machine_is_answered_by_any_port_that_leads_here(host: str) -> None:
    assert judged(host=host) == 0
    assert judged(("Origin", f"http://{host}"), host=host, socket=True) == 0


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example",
        "localhost.", "127.0.0.2:8000", "0.0.0.0:8000", "192.168.0.7:8000", "127.0.0.1:8000@evil.example",
        "user@127.0.0.1", "127.0.0.1:8000, evil.example", "127.0.0.1:", "127.0.0.1:8000\n", "[::2]", "::1",
        "127.1", "2130706433",
    ],
)  # fmt: skip
def test_every_other_name_is_misdirected(host: str) -> None:
    assert judged(host=host) == 421
    assert judged(("Origin", f"http://{host}"), host=host, socket=True) == 421


def test_one_host_and_no_more() -> None:
    assert judged(("Host", "evil.example")) == 421
    found = refusal("GET", CIMultiDict(), socket=False)
    assert found is not None
    assert found.status == 421


FOREIGN = [
    "http://127.0.0.1:8001", "http://127.0.0.1", "https://127.0.0.1:8000", "http://localhost:8000",
    "null", "", "http://evil.example", "http://127.0.0.1:8000.evil.example", "http://127.0.0.1:8000/",
    "HTTP://127.0.0.1:8000",
]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_origin_is_refused(origin: str, method: str) -> None:
    assert judged(("Origin", origin), method=method) == 403
    assert judged(("Origin", origin), socket=True) == 403
    assert judged(("Origin", OWN), ("Origin", origin), socket=True) == 403


def test_a_socket_says_where_it_comes_from() -> None:
    assert judged(socket=True) == 403
    assert judged(("Origin", OWN), socket=True) == 0


@pytest.mark.parametrize("site", ["same-site", "cross-site", "anything"])
def test_what_another_page_loads_is_refused_and_a_link_followed_in_a_tab_is_not(site: str) -> None:
    foreign = ("Sec-Fetch-Site", site)
    visit = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))
    assert judged(foreign) == 403
    assert judged(foreign, ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")) == 403
    assert judged(foreign, visit[0], ("Sec-Fetch-Dest", "iframe")) == 403
    assert judged(foreign, ("Sec-Fetch-Mode", "cors"), visit[1]) == 403
    assert judged(foreign, *visit) == 0
    assert judged(foreign, ("Sec-Fetch-Site", "none"), visit[0]) == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "X"])
def test_nothing_can_be_sent(method: str) -> None:
    assert judged(method=method) == 405
    assert judged(("Origin", OWN), method=method) == 405


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_and_the_person_are_answered(site: str) -> None:
    assert judged(("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")) == 0
    assert judged(method="HEAD") == 0


def test_the_policy_names_no_place_but_our_own() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in ANSWER["Content-Security-Policy"].split(";"))
    assert set(rules.values()) == {"'self'", "'none'"}
    assert rules["default-src"] == rules["frame-ancestors"] == rules["form-action"] == "'none'"
