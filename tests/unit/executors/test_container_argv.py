"""The words by which podman and docker start a container."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tasktui.domain.spec import Container, PythonWork, TaskSpec
from tasktui.executors.container_argv import Boxed, Engine, run_argv, run_of

PODMAN = Engine("/usr/bin/podman", 1000, 1000)
RUN = Boxed("task_1", 2, "mark", "home", "/src", "/art", 60.0)


def words(engine: Engine = PODMAN, run: Boxed = RUN, **box: object) -> tuple[str, ...]:
    container = Container.model_validate({"image": "alpine:3", **box})
    return run_argv(engine, container, run, ("make", "test"), ("KEY",))


def test_the_whole_of_it() -> None:
    assert words() == (
        "/usr/bin/podman", "run", "--rm", "--interactive", "--init", "--name=tasktui-task_1-2",
        "--label=tasktui.task=task_1", "--label=tasktui.run=2", "--label=tasktui.mark=mark",
        "--label=tasktui.home=home", "--cap-drop=all", "--security-opt=no-new-privileges",
        "--userns=keep-id", "--timeout=75", "--mount=type=bind,source=/src,target=/src",
        "--mount=type=bind,source=/art,target=/art", "--workdir=/src", "--env=TASKTUI_TASK_ID",
        "--env=TASKTUI_RUN", "--env=TASKTUI_MARK", "--env=TASKTUI_ARTIFACTS", "--env=KEY",
        "--entrypoint=", "alpine:3", "make", "test",
    )  # fmt: skip


def test_limits_mounts_and_names_of_variables() -> None:
    said = words(
        read_only=True, network="none", memory="512m", cpus=1.5, env=("TOKEN",),
        mounts=("/a", "/b:/c", "/d:/e:ro", "/f:ro"),
    )  # fmt: skip
    assert {"--read-only", "--network=none", "--memory=512m", "--cpus=1.5", "--env=TOKEN"} <= set(said)
    assert [word.removeprefix("--mount=type=bind,") for word in said if word.startswith("--mount")] == [
        "source=/src,target=/src,readonly=true", "source=/art,target=/art", "source=/a,target=/a",
        "source=/b,target=/c", "source=/d,target=/e,readonly=true", "source=/f,target=/f,readonly=true",
    ]  # fmt: skip


def test_what_is_written_belongs_to_the_person_outside() -> None:
    docker = words(Engine("/usr/bin/docker", 1000, 1001))
    assert "--user=1000:1001" in docker
    assert not any(word.startswith(("--userns", "--timeout")) for word in docker)
    assert not any(word.startswith("--user") for word in words(Engine("/bin/podman", 0, 0)))


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("tasktui-task_1-2", ("task_1", 2)),
        ("tasktui-a-b-7", ("a-b", 7)),
        ("other", None),
        ("tasktui-x", None),
    ],
)
def test_a_name_tells_its_run(name: str, run: tuple[str, int] | None) -> None:
    assert run_of(name) == run


@pytest.mark.parametrize(
    "box",
    [
        {"image": "--privileged"}, {"image": "a b"}, {"image": ""}, {"image": "a", "mounts": ["relative"]},
        {"image": "a", "mounts": ["/a,readonly=false"]}, {"image": "a", "mounts": ["/a:/b:rw:x"]},
        {"image": "a", "env": ["A=secret"]}, {"image": "a", "memory": "much"}, {"image": "a", "cpus": 0},
    ],
)  # fmt: skip
def test_no_word_becomes_another_option(box: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Container.model_validate(box)


def test_only_processes_run_in_containers() -> None:
    with pytest.raises(ValueError, match="only commands and agents can run in a container"):
        TaskSpec(work=PythonWork(function="pkg:run"), container=Container(image="alpine"))
