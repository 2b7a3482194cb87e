"""The decode child has no network where the system lets it leave it."""

import socket
import subprocess
import sys

PROGRAM = """
import socket, sys
from encoders.decode_child import leave_network

left = leave_network()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
except OSError:
    print("cut off", left)
else:
    print("connected", left)
"""


def test_a_child_that_left_the_network_reaches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        said = subprocess.run(
            [sys.executable, "-c", PROGRAM, port], capture_output=True, text=True, timeout=60, check=True
        ).stdout.strip()

    assert said in {"cut off True", "connected False"}
