"""Settings from their sources; FAULTS 23: what a project's file may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasktui.config import KEYS, PROJECT_KEYS, Config, load
from tasktui.domain.errors import ConfigError
from tasktui.domain.hosts import THIS, Host, chosen


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "repo" / "sub"
    path.mkdir(parents=True)
    return path


def _load(user: Path, project: Path, flags: dict[str, object] | None = None, **environ: str) -> Config:
    return load(
        flags, environ={"TASKTUI_CONFIG": str(user), "XDG_DATA_HOME": "/data", **environ}, cwd=project
    ).config


def test_each_source_is_stronger_than_the_last(user: Path, project: Path) -> None:
    assert _load(user, project).theme == "dark"
    user.write_text('theme = "a"\nmax_running = 3\nkeep_days = 2\n[lanes]\ngpu = 1\n')
    assert _load(user, project).theme == "a"
    (project.parent / ".tasktui.toml").write_text('theme = "b"\n')
    assert _load(user, project).theme == "b"
    assert _load(user, project, TASKTUI_THEME="c").theme == "c"
    config = _load(user, project, {"theme": "d", "mouse": None}, TASKTUI_THEME="c", TASKTUI_MOUSE="no")
    assert (config.theme, config.mouse, config.max_running, config.lanes) == ("d", False, 3, {"gpu": 1})
    assert config.keep_days == 2.0


def test_the_origin_of_each_value_is_told(user: Path, project: Path) -> None:
    user.write_text("max_running = 3\n")
    environ = {"TASKTUI_CONFIG": str(user), "XDG_DATA_HOME": "/data", "TASKTUI_LANES": "gpu=2,db=1"}
    loaded = load({"theme": "x"}, environ=environ, cwd=project)
    assert loaded.origins == {
        "max_running": str(user), "lanes": "environment TASKTUI_LANES", "theme": "command line"
    }  # fmt: skip
    assert loaded.config.lanes == {"gpu": 2, "db": 1}
    assert loaded.config.home == Path("/data/tasktui")


@pytest.mark.parametrize("key", sorted(set(KEYS) - PROJECT_KEYS))
def test_a_project_cannot_set_what_acts(user: Path, project: Path, key: str) -> None:
    (project / ".tasktui.toml").write_text(f'{key} = "x"\n')
    with pytest.raises(ConfigError, match=f"{key} may not be set by a project"):
        _load(user, project)


def test_a_project_sets_looks_and_filters(user: Path, project: Path) -> None:
    (project / ".tasktui.toml").write_text(
        'theme = "ansi"\nartifact_globs = ["*.md"]\n[filters]\nmine = "tag:me"\n'
    )
    config = _load(user, project)
    assert (config.theme, config.artifact_globs, config.filters) == ("ansi", ("*.md",), {"mine": "tag:me"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('themes = "x"', "unknown key 'themes'. Did you mean theme?"),
        ('qqqq = "x"', "unknown key 'qqqq'. Known: home"),
        ("theme = 3", "theme must be a text, not 3"),
        ('glyphs = "emoji"', "glyphs must be unicode or ascii, not 'emoji'"),
        ("max_running = -1", "max_running must be a whole number"),
        ("mouse = 1", "mouse must be true or false"),
        ("artifact_globs = [1]", "artifact_globs must be a list of texts"),
        ("[lanes]\ngpu = true", "lanes must be a table"),
        ("lanes = 3", "lanes must be a table"),
        ("theme = ", "not valid TOML"),
    ],
)
def test_a_wrong_setting_names_file_key_and_what_is_right(
    user: Path, project: Path, text: str, says: str
) -> None:
    user.write_text(text)
    with pytest.raises(ConfigError) as caught:
        _load(user, project)
    assert says in caught.value.message
    assert str(user) in caught.value.message


@pytest.mark.parametrize(("name", "value"), [("MOUSE", "maybe"), ("MAX_RUNNING", "many"), ("KEEP_DAYS", "x")])
def test_a_wrong_variable_is_named(user: Path, project: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"TASKTUI_{name}"):
        _load(user, project, None, **{f"TASKTUI_{name}": value})


def test_a_file_that_cannot_be_read_is_named(user: Path, project: Path) -> None:
    user.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"cannot be read|not valid"):
        _load(user, project)


def test_nothing_moves_over_ssh_unless_it_is_asked_for(user: Path, project: Path) -> None:
    assert _load(user, project).animation == "basic"
    assert _load(user, project, SSH_CONNECTION="a 1 b 22").animation == "none"
    assert _load(user, project, SSH_CONNECTION="a 1 b 22", TEXTUAL_ANIMATIONS="full").animation == "full"
    assert _load(user, project, TEXTUAL_ANIMATIONS="nonsense").animation == "basic"
    user.write_text('animation = "full"\n')
    assert _load(user, project, SSH_CONNECTION="a 1 b 22", TEXTUAL_ANIMATIONS="none").animation == "full"


def test_machines_are_names_or_tables(user: Path, project: Path) -> None:
    user.write_text(
        'hosts = ["box", {name = "gpu", destination = "me@10.0.0.5", command = "~/bin/tasktui"}]\n'
    )
    assert _load(user, project).hosts == (Host("box", "box"), Host("gpu", "me@10.0.0.5", "~/bin/tasktui"))
    assert _load(user, project, TASKTUI_HOSTS="a, b").hosts == (Host("a", "a"), Host("b", "b"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"box"', "hosts must be a list"),
        ("[3]", "a host is a name or a table, not 3"),
        ('[{destination = "x"}]', "a host needs a name"),
        ('[{name = "x", port = "3"}]', "a host has name, destination, command, not 'port'"),
        ('[{name = "x", command = ["y"]}]', "command of a host must be a text"),
        ('["-oProxyCommand=x"]', "cannot name a host"),
        ('[{name = "x", destination = "-oProxyCommand=x"}]', "is no destination for ssh"),
        ('[{name = "x", destination = "a b"}]', "is no destination for ssh"),
        ('[{name = "local", destination = "a"}]', "'local' is this machine"),
        ('["a", {name = "a", destination = "b"}]', "two hosts are named 'a'"),
    ],
)
def test_a_wrong_machine_is_an_error_that_names_the_file(
    user: Path, project: Path, written: str, said: str
) -> None:
    user.write_text(f"hosts = {written}\n")
    with pytest.raises(ConfigError, match=f"config.toml: .*{said}"):
        _load(user, project)


def test_machines_of_the_command_line_are_those_of_the_settings_by_their_names() -> None:
    gpu = Host("gpu", "me@10.0.0.5", "~/bin/tasktui")
    assert chosen(("gpu", "local", "ann@box", "gpu"), (gpu,)) == (gpu, THIS, Host("ann@box", "ann@box"))
