"""FAULTS 17 in a real browser: a person sees and works the dashboard, a page of others does neither."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from tasktui.service.starting import start_owner
from tests.faults.desks import PATIENCE_S, submit, task, until
from tests.faults.fronts import Front, front

pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install 'tasktui[dev]'")

from playwright.sync_api import Browser, BrowserContext

from tests.faults.browsers import CHROMIUM, EVIL, Window, chromium, somebody_else

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(150),
]

TRY_EVERYTHING = """async (target) => {
    const outcome = (name, promise) => promise.then((what) => [name, what], () => [name, "refused"]);
    const loaded = (tag, attributes) => new Promise((resolve, reject) => {
        const element = Object.assign(document.createElement(tag), attributes);
        element.onload = () => resolve("loaded");
        element.onerror = () => reject();
        document.body.append(element);
    });
    const socket = new Promise((resolve, reject) => {
        const made = new WebSocket(target.replace("http", "ws") + "ws?width=80&height=24");
        made.onopen = () => resolve("opened");
        made.onerror = () => reject();
    });
    const read = fetch(target, {credentials: "include"}).then((answer) => answer.text());
    return Object.fromEntries(await Promise.all([
        outcome("fetch", read),
        outcome("blind", fetch(target, {mode: "no-cors", credentials: "include"})),
        outcome("websocket", socket),
        outcome("script", loaded("script", {src: target + "page.js"})),
        outcome("image", loaded("img", {src: target + "icon.svg"})),
        outcome("style", loaded("link", {rel: "stylesheet", href: target + "page.css"})),
    ]));
}"""
SEND_A_FORM = """(target) => {
    const [frame, form] = ["iframe", "form"].map((tag) => document.createElement(tag));
    document.body.append(Object.assign(frame, {name: "inside"}), form);
    Object.assign(form, {method: "post", target: "inside", action: target}).submit();
}"""
COPIED = "navigator.clipboard.readText().catch((error) => error.name)"
FRAME_IT = """(target) => { document.body.innerHTML = `<iframe src="${target}"></iframe>`; }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    yield made
    made.close()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    home = tmp_path_factory.mktemp("browser") / "home"
    start_owner(home, wait_s=PATIENCE_S)
    with front(home) as made:
        yield made


@pytest.fixture(scope="module")
def first(web: Front) -> str:
    """The first of two tasks that run."""
    made = submit(web.home, "echo hello from the first; sleep 1000", name="first of two")
    submit(web.home, "sleep 1000", name="second of two")
    return made


def test_a_person_sees_and_works_the_dashboard(web: Front, context: BrowserContext, first: str) -> None:
    window = Window(context)
    window.visit(web.new_link())
    window.sees("first of two", "second of two", "2 running")
    # the canvas is painted a little later than its rows are written
    until(lambda: window.colours() > 50, what="a picture in colours")
    until(lambda: window.colours("first of two") > 5, what="smooth letters")
    assert window.colours(" " * 20) < 5
    window.page.keyboard.press("?")
    window.sees("Keys in the task list")
    window.page.keyboard.press("Escape")
    window.sees_no_more("Keys in the task list")
    window.click("first of two")
    window.sees(first)
    window.click("4 Output")
    window.sees("hello from the first")
    window.page.set_viewport_size({"width": 800, "height": 400})
    until(
        lambda: {len(row) for row in window.rows()} == {88} and len(window.rows()) == 20,
        what="a smaller terminal",
    )
    window.sees("? Help", "second of two")
    assert [
        url for url in window.asked if not url.startswith((web.base, web.base.replace("http", "ws")))
    ] == []
    assert window.errors == []


def test_closing_a_tab_ends_its_screen_and_no_work(web: Front, context: BrowserContext, first: str) -> None:
    window = Window(context)
    address = window.visit(web.new_link())
    window.sees("first of two")
    window.page.reload()
    window.sees("first of two")
    beside = Window(context)
    beside.visit(address)
    beside.sees("first of two")
    until(lambda: len(web.dashboards()) == 2, what="one for each tab")
    processes = web.dashboards()
    window.page.close()
    beside.page.close()
    assert psutil.wait_procs(processes, timeout=PATIENCE_S)[1] == []
    assert task(web.home, first)["status"] == "running"


def test_a_screen_that_was_left_is_opened_again(web: Front, context: BrowserContext, first: str) -> None:
    window = Window(context)
    window.visit(web.new_link())
    window.sees("first of two", "attached to")
    window.page.keyboard.press("q")
    window.sees("Leave tasktui?")
    window.page.keyboard.press("q")
    again = window.page.get_by_role("button", name="Open it again")
    again.wait_for()
    again.click()
    window.sees("first of two")


def test_copying_reaches_the_clipboard_and_no_task_reads_it(
    web: Front, context: BrowserContext, first: str
) -> None:
    with somebody_else() as port:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        window = Window(context)
        window.visit(web.new_link())
        window.click("first of two")
        window.sees(first)
        window.page.keyboard.press("y")
        window.sees("Command or prompt")
        window.page.keyboard.press("Enter")
        elsewhere = context.new_page()
        elsewhere.goto(f"http://localhost:{port}/")
        until(lambda: elsewhere.evaluate(COPIED) == first, what="the id is copied")
        window.page.bring_to_front()
        read = window.page.evaluate(COPIED)
        assert read == "NotAllowedError"


def test_a_link_that_another_site_leads_to_works(web: Front, context: BrowserContext) -> None:
    """As from a chat, a mail, or the file of `--open`: the strict cookie is there when the page is loaded."""
    window = Window(context)
    with somebody_else() as port:
        window.page.goto(f"http://localhost:{port}/")
        window.page.evaluate("(link) => { location = link; }", web.new_link())
        window.sees("tasktui")


@pytest.mark.feature(152)
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_page_of_somebody_else_is_refused_everything(
    web: Front, context: BrowserContext, name: str
) -> None:
    """Even one that knows the address, on this machine: there the browser sends our cookie along."""
    window = Window(context)
    target = window.visit(web.new_link())
    window.sees("tasktui")
    until(lambda: len(web.dashboards()) == 1, what="only ours")
    with somebody_else() as port:
        page = context.new_page()
        answers: list[int] = []
        page.on("response", lambda one: answers.append(one.status) if one.url.startswith(target) else None)
        page.goto(f"http://{name}:{port}/")
        outcomes = page.evaluate(TRY_EVERYTHING, target)
        assert outcomes == dict.fromkeys(
            ("fetch", "blind", "websocket", "script", "image", "style"), "refused"
        )
        for attempt in (SEND_A_FORM, FRAME_IT):
            before = len(answers)
            page.evaluate(attempt, target)
            until(lambda seen=before: page.wait_for_timeout(20) or len(answers) > seen, what=attempt)
        assert set(answers) == {403}
        assert [frame.url for frame in page.frames if "token" in frame.url] == []
    assert len(web.dashboards()) == 1


def test_another_name_for_this_machine_gets_nothing(web: Front, context: BrowserContext) -> None:
    window = Window(context)
    address = window.visit(web.new_link())
    answer = context.new_page().goto(address.replace("127.0.0.1", EVIL))
    assert answer is not None
    assert answer.status == 421
