"""The wheel holds what runs and nothing else; it is built and read, not assumed."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.walls.finding import ROOT, project_files

pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.timeout(150)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel of the working tree, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)),
        ],
        check=True,
        timeout=120,
    )
    (built,) = folder.glob("tasktui-*.whl")
    return zipfile.ZipFile(built)


def _tracked(folder: str) -> set[str]:
    return {path for path in project_files() if path.startswith(f"{folder}/")}


def test_every_file_of_the_package_is_inside(wheel: zipfile.ZipFile) -> None:
    assert _tracked("tasktui") - set(wheel.namelist()) == set()
    assert "tasktui/py.typed" in wheel.namelist()


def test_the_styles_are_inside_the_package(wheel: zipfile.ZipFile) -> None:
    assert {f"tasktui/{path}" for path in _tracked("styles")} - set(wheel.namelist()) == set()


def test_nothing_else_is_inside(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    (metadata,) = tops - {"tasktui"}
    assert metadata.endswith(".dist-info")
    assert [name for name in wheel.namelist() if "/tests/" in name or name.endswith((".pyc", ".db"))] == []


def test_the_licence_is_inside(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if name.endswith("/licenses/LICENSE")] != []


def test_the_entry_point_names_a_function(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    (entries,) = tmp_path.glob("*.dist-info/entry_points.txt")
    parser = configparser.ConfigParser()
    parser.read(entries)
    module, _, function = parser["console_scripts"]["tasktui"].partition(":")
    check = f"import {module} as m; print(m.__file__); assert callable(m.{function})"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    argv = [sys.executable, "-c", check]
    ran = subprocess.run(
        argv, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0
    assert Path(ran.stdout.strip()).is_relative_to(tmp_path)
