"""From the options to the container of a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tasktui.cli.container_options import container_options, take_container
from tasktui.domain.spec import Container


def taken(*argv: str) -> tuple[Any, str]:
    """Return what the options give, and what the command said."""
    found: list[Any] = []

    @click.command()
    @container_options
    def command(**given: Any) -> None:
        found.append(take_container(given))
        assert given == {}, "nothing is left for the rest of the request"

    ran = CliRunner().invoke(command, list(argv))
    return (found or [None])[0], ran.output


def test_every_option_arrives_in_a_container_that_the_owner_takes() -> None:
    argv = (
        "--container alpine:3 --mount data --mount /a:/b:ro --container-env KEY --read-only --network none"
        " --memory 2g --cpus 1.5"
    )
    given, _ = taken(*argv.split())
    assert Container.model_validate(given) == Container(
        image="alpine:3", mounts=(str(Path.cwd() / "data"), "/a:/b:ro"), env=("KEY",), read_only=True,
        network="none", memory="2g", cpus=1.5,
    )  # fmt: skip


def test_without_an_image_there_is_none() -> None:
    assert taken() == (None, "")


@pytest.mark.parametrize("argv", [("--memory", "2g"), ("--read-only",), ("--mount", "/a")])
def test_limits_of_no_container_are_a_mistake(argv: tuple[str, ...]) -> None:
    assert "add --container IMAGE" in taken(*argv)[1]
