"""nginx and Caddy before a server of the test's, with what the test says they shall do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
import socket
import subprocess
import time

import bcrypt

from demo.home_assistant.process import free_port

# Seconds that a proxy needs at most before it listens, on a busy machine.
PATIENCE = 30

NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {everywhere}
  server {{
    listen 127.0.0.1:{port} {listen};
    {server}
    location / {{
      {location}
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_pass http://127.0.0.1:{upstream};
    }}
  }}
}}
"""
CADDY = """\
{{
  admin off
  auto_https off
  storage file_system {folder}/storage
  {everywhere}
}}
{address}:{port} {{
  bind 127.0.0.1
  {site}
  reverse_proxy 127.0.0.1:{upstream}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """Where the programs are, where their files may be, and the port of what is behind them."""

    programs: Path
    folder: Path
    upstream: int

    @contextmanager
    def nginx(
        self, location: str = "", *, everywhere: str = "", server: str = "", listen: str = ""
    ) -> Iterator[int]:
        """An nginx with these directives; the port that it listens on."""
        port = free_port()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(
                folder=self.folder,
                port=port,
                upstream=self.upstream,
                location=location,
                everywhere=everywhere,
                server=server,
                listen=listen,
            )
        )
        program: list[str | Path] = [self.programs / "nginx", "-p", self.folder, "-e", "stderr"]
        with self._running([*program, "-c", configuration], port):
            yield port

    @contextmanager
    def caddy(
        self, site: str = "", *, everywhere: str = "", address: str = "http://"
    ) -> Iterator[int]:
        """A Caddy with these directives; the port that it listens on."""
        port = free_port()
        configuration = self.folder / "Caddyfile"
        configuration.write_text(
            CADDY.format(
                folder=self.folder,
                port=port,
                upstream=self.upstream,
                site=site,
                everywhere=everywhere,
                address=address,
            )
        )
        program: list[str | Path] = [self.programs / "caddy", "run", "--adapter", "caddyfile"]
        with self._running([*program, "--config", configuration], port):
            yield port

    @contextmanager
    def _running(self, program: list[str | Path], port: int) -> Iterator[None]:
        environment = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                program, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait_for(process, port)
            yield
        finally:
            process.terminate()
            process.wait()

    def _wait_for(self, process: subprocess.Popen[bytes], port: int) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())


def hashed(password: str) -> str:
    """What both keep of a password."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=4)).decode()
