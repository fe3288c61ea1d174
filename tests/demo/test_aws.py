"""The simulated AWS, where moto's own tests say nothing of it."""

from contextlib import ExitStack
import socket
import threading
from urllib.parse import urlsplit

import pytest

from demo.developer.aws import SimulatedAws


@pytest.mark.usefixtures("socket_enabled")
def test_stopping_waits_for_those_who_are_still_being_served() -> None:
    before = set(threading.enumerate())
    with SimulatedAws() as aws, ExitStack() as clients:
        address = urlsplit(aws.url)
        for _ in range(50):
            clients.enter_context(socket.create_connection((address.hostname, address.port)))

    assert set(threading.enumerate()) == before
