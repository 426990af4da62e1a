"""FAULTS 17, the web front: who asks without the link, the cookie, our address or our origin gets nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest

from tasktui.web.guard import ANSWER
from tests.faults.fronts import PATIENCE_S, Entered, Front, ask_socket, entered, front, get

pytestmark = [pytest.mark.xdist_group("web_headers"), pytest.mark.timeout(150)]

PATHS = ("", "ws", "page.js", "textual.js", "xterm.css", "mono.ttf", "nothing")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("web") / "home") as made:
        yield made


@pytest.fixture
def mine(web: Front) -> Entered:
    return entered(web.new_link())


def statuses(at: Entered, headers: Mapping[str, str], method: str = "GET") -> set[int]:
    """The answers to every path of a session, and to its WebSocket."""
    with httpx.Client(base_url=f"{at.base}{at.room}", headers=headers, timeout=PATIENCE_S) as client:
        found = {client.request(method, path).status_code for path in PATHS}
    return found | ({ask_socket(f"{at.base}{at.room}ws", headers)} if method == "GET" else set())


def test_without_the_token_there_is_nothing(web: Front) -> None:
    link = web.new_link()
    base = link.partition("/?")[0]
    for nothing in ("/", "/?token=", "/?token=wrong", "/x/", "/x/page.js"):
        assert get(base + nothing).status_code == 401, nothing
    assert get(f"{base}/anything").status_code == 404
    assert ask_socket(f"{base}/x/ws", {"Origin": base}) == 401
    assert get(link).status_code == 200, "wrong ones do not use it up"


def test_only_the_person_uses_a_link_up(web: Front) -> None:
    link = web.new_link()
    assert httpx.head(link, timeout=PATIENCE_S).status_code == 401
    assert get(link, headers={"Sec-Purpose": "prefetch"}).status_code == 401
    assert get(link, headers={"Origin": "http://evil.example"}).status_code == 403
    assert get(link, headers={"Host": "evil.example"}).status_code == 421
    assert get(link).status_code == 200
    used = get(link)
    assert used.status_code == 401
    assert "Press Enter where `tasktui web` runs" in used.text
    assert "Set-Cookie" not in used.headers


def test_a_new_link_ends_the_one_before(web: Front) -> None:
    old, new = web.new_link(), web.new_link()
    assert get(old).status_code == 401
    assert get(new).status_code == 200


def test_without_its_cookie_a_session_is_closed(web: Front, mine: Entered) -> None:
    without = {name: value for name, value in mine.headers.items() if name != "Cookie"}
    assert statuses(mine, without) == {401}
    assert statuses(mine, without | {"Cookie": "tasktui=x"}) == {401}
    assert statuses(mine, without | {"Cookie": entered(web.new_link()).cookie}) == {401}, "another session's"


def test_another_name_for_this_machine_is_misdirected(mine: Entered) -> None:
    for host in ("evil.example", f"evil.{mine.base[7:]}", "127.0.0.1.evil.example"):
        assert statuses(mine, mine.headers | {"Host": host, "Origin": f"http://{host}"}) == {421}, host


@pytest.mark.feature(152)
def test_another_origin_is_refused(mine: Entered) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", mine.base.replace("http", "https")):
        assert statuses(mine, mine.headers | {"Origin": origin}) == {403}, origin
    assert statuses(mine, mine.headers | {"Sec-Fetch-Site": "same-site"}) == {403}
    assert ask_socket(f"{mine.base}{mine.room}ws", {"Cookie": mine.cookie}) == 403, (
        "a WebSocket has an origin"
    )


def test_nothing_can_be_sent(mine: Entered) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert statuses(mine, mine.headers, method) == {405}, method


def test_nobody_who_was_refused_started_anything(web: Front, mine: Entered) -> None:
    assert web.dashboards() == []
    assert ask_socket(f"{mine.base}{mine.room}ws", mine.headers) == 101


def test_every_answer_says_the_rules(mine: Entered) -> None:
    headers = {"Cookie": mine.cookie}
    answers = [get(f"{mine.base}{mine.room}{path}", headers=headers) for path in PATHS]
    answers += [
        get(mine.base),
        httpx.post(mine.base, timeout=PATIENCE_S),
        get(mine.base, headers={"Host": "evil"}),
    ]
    assert {answer.status_code for answer in answers} == {200, 401, 403, 404, 405, 421}
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ANSWER} == ANSWER
        assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_the_cookie_is_for_our_page_alone(web: Front) -> None:
    answer = get(web.new_link())
    name, *rest = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("tasktui=")
    path = answer.headers["Refresh"].partition("url=")[2]
    assert len(path) > 30, "no other server on this machine can guess where the cookie goes"
    assert set(rest) == {"HttpOnly", "SameSite=Strict", f"Path={path}"}


def test_the_page_names_no_other_place(mine: Entered) -> None:
    for path in ("", "page.js", "page.css", "icon.svg"):
        answer = get(f"{mine.base}{mine.room}{path}", headers=mine.headers)
        assert answer.status_code == 200
        assert "://" not in answer.text.replace("http://www.w3.org/2000/svg", ""), path
