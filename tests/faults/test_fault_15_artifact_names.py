"""FAULTS 15: names of artifacts that lead elsewhere are refused, and reading never blocks."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tasktui.artifacts import index, reader
from tasktui.domain import artifact_names as names
from tasktui.domain.errors import NotFoundError, RefusedError
from tasktui.domain.records import Artifact


def _artifact(path: bytes, root: Path | None = None) -> Artifact:
    return Artifact(
        task_id="t", artifact_id="a", label="x", path=names.stored(path), role="watched", source="watcher",
        size_bytes=0, created_at=0, changed_at=0, root=str(root) if root else None,
    )  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "root"
    (inside / "sub").mkdir(parents=True)
    (inside / "fine.txt").write_bytes(b"fine")
    (inside / "sub" / b"b\xffd".decode("utf-8", "surrogateescape")).write_bytes(b"bytes")
    (tmp_path / "secret").write_bytes(b"secret")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "inner").symlink_to("fine.txt")
    (inside / "away").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(inside / "fifo")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(inside / "socket"))
    server.close()
    return inside


@pytest.mark.parametrize(
    "path",
    [
        b"..", b".", b"", b"/",
        b"../secret", b"sub/../../secret", b"/etc/passwd", b"sub//x", b"a\0b", b"sub/.",
        b"link", b"inner", b"away/secret", b"fifo", b"socket", b"sub", b"x" * 5000,
        b"away/missing",
    ],
)  # fmt: skip
@pytest.mark.feature(126)
def test_a_name_that_leads_elsewhere_is_refused(root: Path, path: bytes) -> None:
    with pytest.raises(RefusedError):
        reader.read(root, _artifact(path, root), offset=0, limit=10)


@pytest.mark.skipif(not os.access("/dev/zero", os.R_OK), reason="there is no /dev/zero here")
def test_a_device_is_refused() -> None:
    with pytest.raises(RefusedError, match="regular"):
        reader.read(Path("/dev"), _artifact(b"zero", Path("/dev")), offset=0, limit=10)


def test_a_file_that_went_is_not_found(root: Path) -> None:
    with pytest.raises(NotFoundError):
        reader.read(root, _artifact(b"sub/gone", root), offset=0, limit=10)


def test_files_are_read_by_stretches_whatever_their_names(root: Path) -> None:
    assert reader.read(root, _artifact(b"fine.txt", root), offset=1, limit=2).data == b"in"
    assert reader.read(root, _artifact(b"fine.txt", root), offset=-2, limit=9).data == b"ne"
    chunk = reader.read(root, _artifact(b"sub/b\xffd", root), offset=0, limit=9)
    assert (chunk.data, chunk.size) == (b"bytes", 5)


def test_a_scan_sees_regular_files_only_and_never_leaves_its_root(root: Path) -> None:
    found = {one.path for one in index.scan(os.fsencode(root))}
    assert found == {b"fine.txt", b"sub/b\xffd"}
    assert index.look(os.fsencode(root), b"away/secret") is None
    assert index.look(os.fsencode(root), b"link") is None
