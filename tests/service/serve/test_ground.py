"""A taken port and a folder that is not ours are refused before anything is started."""

import os
import socket
from pathlib import Path

import pytest

from service.errors import BadInput, OutputUnwritable
from service.serve.ground import free_port, own_folder


def test_a_taken_port_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=rf"port {port}: .*--port"):
            free_port("127.0.0.1", port)


def test_a_free_port_is_taken_as_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    assert free_port("127.0.0.1", port) == port


def test_port_0_becomes_a_real_one() -> None:
    assert free_port("127.0.0.1", 0) > 0


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "name.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match="--host"):
        free_port(host, 0)


def test_a_folder_is_made_and_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with own_folder(tmp_path / "a" / "b") as folder:
            assert folder.is_absolute()
            assert folder.is_dir()


def test_a_folder_is_served_once(tmp_path: Path) -> None:
    refused = pytest.raises(BadInput, match=rf"served by process {os.getpid()}.*--data-dir")
    with own_folder(tmp_path), refused, own_folder(tmp_path):
        pass


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputUnwritable, match="--data-dir"), own_folder(tmp_path / "file"):
        pass
