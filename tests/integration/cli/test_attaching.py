"""Files that go with tasks and messages, by command."""

from __future__ import annotations

import pytest

from tests.integration.cli.conftest import Shell


@pytest.mark.feature(13)
def test_a_task_finds_the_files_that_it_was_given(fresh: Shell) -> None:
    (fresh.cwd / "a note.txt").write_text("hello")
    (fresh.cwd / "server.key").write_text("secret")
    (fresh.cwd / "large").write_bytes(b"x" * ((8 << 20) + 1))
    ran = fresh("run", "--attach", "a note.txt", "--", "sh", "-c", 'cat "$TASKTUI_ATTACHMENTS/a note.txt"')
    assert (ran.returncode, ran.stdout) == (0, "hello"), ran.stderr
    (row,) = fresh.objects("ls", "--json")
    assert "a note.txt" in fresh("artifacts", row["id"]).stdout
    assert fresh("artifacts", row["id"], "--get", "a note.txt").stdout == "hello"
    for name, word in (("server.key", "secrets"), ("large", "8 MiB"), ("none", "does not exist")):
        refused = fresh("run", "-d", "--attach", name, "--", "true")
        assert refused.returncode == 2
        assert word in refused.stderr
    assert len(fresh.objects("ls", "--json")) == 1


@pytest.mark.feature(72, 133)
def test_a_message_brings_its_files(fresh: Shell) -> None:
    (fresh.cwd / "a.png").write_bytes(b"\x89PNG")
    task = fresh.submit("sh", "-c", 'read line; echo "$line"; cat "$TASKTUI_INBOX"')
    fresh.running(task)
    sent = fresh("send", task, "look", "--attach", "a.png")
    assert sent.returncode == 0, sent.stderr
    assert fresh("wait", task).returncode == 0
    assert f"tasks/{task}/attachments/a.png" in fresh("logs", task).stdout
    (shown,) = fresh.objects("show", "--json", task)
    assert [name.rpartition("/")[2] for name in shown["interventions"][0]["attachments"]] == ["a.png"]
    assert fresh("send", task, "late", "--attach", "a.png").returncode == 5
    assert fresh("send", task, "x", "--answer", "q", "--attach", "a.png").returncode == 2
