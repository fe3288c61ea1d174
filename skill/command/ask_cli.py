"""Amazon's own program for developers: only it may make its login, and only it may renew it."""

from collections.abc import Mapping
import contextlib
import re
import shutil
import subprocess

from .causes import failure

TIMEOUT = 180
# By npx, when it is not installed. The second package is one that the first needs: npm may choose
# a version of it that does not run.
PACKAGES = ("--package=ask-cli@2", "--package=antlr4ts@0.5.0-alpha.4")
NEEDED_NODE = 20
# With these, the ASK CLI would not look at what it has stored.
TOKENS = {"ASK_REFRESH_TOKEN", "ASK_ACCESS_TOKEN"}
WHAT_IS_ASKED = """
Amazon's skill management needs a login. Amazon's own program, the ASK CLI, asks for it now:
- It shows an address: open it on any device, and log in with the Amazon account that your Echos
  belong to. You are given a code there.
- Paste the code here.
- It asks whether to link your AWS account: type n, and press Enter. Its words about a user of AWS
  do not concern you. If it asks for an access key, you answered something else: press Ctrl+C. Your
  login is kept, and the command goes on, at the latest when you run the line again.
Then this command goes on by itself.
"""
IS_FETCHED = "(It is fetched first, which takes a minute.)\n"


class AskCli:
    """The installed one, or the one that npx fetches; for one of its profiles."""

    def __init__(self, environment: Mapping[str, str], profile: str) -> None:
        self._path = environment.get("PATH")
        self._environment = {name: environment[name] for name in environment.keys() - TOKENS}
        self._environment["ASK_SKIP_NEW_VERSION_REMINDER"] = "1"
        self._profile = profile
        self.fetched = False
        if found := self._which("ask"):
            self._program = [found]
        elif found := self._which("npx"):
            self.fetched = True
            self._program = [found, "--yes", *PACKAGES, "ask"]
        else:
            raise failure("ask_cli_missing", needed=str(NEEDED_NODE))

    def log_in(self) -> int:
        """Let it ask the user, who has the terminal; its exit status."""
        print(WHAT_IS_ASKED + IS_FETCHED * self.fetched, flush=True)
        command = [*self._program, "configure", "--no-browser", "--profile", self._profile]
        try:
            made = subprocess.run(command, check=False, env=self._environment)  # noqa: S603 - As below.
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise failure("ask_cli_not_started", program=command[0], why=why) from None
        print(flush=True)
        return made.returncode

    def renew(self) -> None:
        """Let it renew its token; whether it did shows in what it has stored."""
        command = [*self._program, "smapi", "get-vendor-list", "--profile", self._profile]
        # What it prints may hold anything.
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - The user's own program.
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                timeout=TIMEOUT,
            )

    def old_node(self) -> str | None:
        """The version of Node.js, if it is too old for an ASK CLI that npx fetches."""
        node = self._which("node") if self.fetched else None
        if node is None:
            return None
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            told = subprocess.run(  # noqa: S603 - As above.
                [node, "--version"],
                check=False,
                capture_output=True,
                text=True,
                errors="replace",
                env=self._environment,
                timeout=TIMEOUT,
            )
            version = re.match(r"v?(\d+)[.\d]*", told.stdout.strip())
            if version and int(version[1]) < NEEDED_NODE:
                return version[0]
        return None

    def _which(self, program: str) -> str | None:
        return shutil.which(program, path=self._path)
