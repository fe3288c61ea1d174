"""Sets up what is measured: the network, the simulated Amazon, and homes linked with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
import os
from pathlib import Path
import time
from typing import Self

from demo.home_assistant.process import free_port

from . import network
from .amazon import Amazon
from .certificates import write_certificates
from .home import Home
from .ours import Ours
from .remote import Place, Remote

_FIRST_PORT = 8123
# What a home tells Amazon by itself after a start, it tells within this time, in seconds.
_SETTLED = 4


class Stage:
    """Everything that outlives a single home, for as long as it is entered.

    Without a network, `missing` says why, and homes are on this machine's own, linked with nobody.
    Only a share of the repetitions is done. `folder` is for what is written meanwhile.
    """

    network: network.Network
    amazon: Remote

    def __init__(self, folder: Path, share: float = 1) -> None:
        self.missing = ""
        self._share = share
        self.folder = folder
        self._hosts = folder / "hosts"
        self._stack = ExitStack()
        self._credentials = ("id", "secret")
        self._numbers = count()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            try:
                self.network = stack.enter_context(network.Network())
            except network.UnavailableError as error:
                self.missing = str(error)
            else:
                self._open_amazon(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def times(self, times: int) -> int:
        """How often to do what a whole run does so many times."""
        return max(round(times * self._share), 2)

    def _open_amazon(self, stack: ExitStack) -> None:
        network.write_hosts(self._hosts)
        authority, server = self.folder / "authority.pem", self.folder / "server.pem"
        write_certificates(network.HOST_NAMES, authority, server)
        os.environ["REQUESTS_CA_BUNDLE"] = str(authority)  # Homes that start later trust it.
        place = self._place("amazon", self.network.amazon)
        self.amazon = stack.enter_context(Remote(partial(Amazon, server), place))
        self._credentials = self.amazon.call("start")

    def _place(self, name: str, namespace: str) -> Place:
        return Place(log=self.folder / f"{name}.log", namespace=namespace, hosts=self._hosts)

    def beside(self, name: str, make: Callable[[], object]) -> Remote:
        """An object in a process of its own, on this machine's own network."""
        return Remote(make, self._place(name, ""))

    @contextmanager
    def home(
        self,
        kind: type[Home],
        doorbells: int,
        *,
        accounts: int = 1,
        restarted: bool = True,
        linked: bool = True,
    ) -> Iterator[Remote]:
        """A home that runs, linked where there is an Amazon, and then restarted from storage."""
        number = next(self._numbers)
        networked = not self.missing and linked
        port = _FIRST_PORT + number if networked else free_port()
        name = f"{kind.__name__}-{number}"
        make = partial(kind, self.folder / name, port, doorbells, self._credentials)
        make().prepare(networked=networked)
        place = self._place(name, self.network.home if networked else "")
        with ExitStack() as stack:
            home = stack.enter_context(Remote(make, place))
            home.call("start")
            if linked and kind is Ours:
                home.call("add_entry")
            for account in range(accounts if networked else 0):
                self._link(kind, home, f"{name}-{account}")
            if restarted:
                home.call("stop")
                home.close()
                home = stack.enter_context(Remote(make, place))
                home.call("start")
            if networked:
                time.sleep(_SETTLED)
                self.amazon.call("take_presses")
            yield home

    def _link(self, kind: type[Home], home: Remote, account: str) -> None:
        if kind is Ours:
            self.amazon.call("link", *home.call("skill"), account)
        else:
            self.amazon.call("link_own", *home.call("smart_home"), account)
