"""The ASK CLI 2.30.7 for tests, as far as `configure --no-browser` and the renewal go.

It prompts in the same order, writes the same file with the same mode, sends the same bodies, and
ends with the same status. It is run as a program of its own and needs nothing but Python.
"""

# ruff: noqa: T201 - It speaks to whoever runs it.

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import sys
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
import uuid

CONFIG = Path(os.environ["HOME"], ".ask", "cli_config")
CLIENT = (
    os.environ.get("ASK_LWA_CLIENT_ID") or "amzn1.application-oa2-client.of-the-ask-cli",
    os.environ.get("ASK_LWA_CLIENT_CONFIRMATION") or "confirmation-of-the-ask-cli",
)
LWA = os.environ.get("ASK_LWA_TOKEN_HOST") or "https://api.amazon.com"
SMAPI = os.environ.get("ASK_SMAPI_SERVER_BASE_URL") or "https://api.amazonalexa.com"
CODE_PAGE = "https://ask-cli-static-content.s3-us-west-2.amazonaws.com/html/ask-cli-no-browser.html"
SCOPES = (
    "alexa::ask:skills:readwrite alexa::ask:models:readwrite alexa::ask:skills:test "
    "alexa::ask:catalogs:read alexa::ask:catalogs:readwrite alexa::ask:subscriptions "
    "alexa::ask:skills:debug"
)


def fail(message: str) -> NoReturn:
    """End as it does when something went wrong."""
    print(f"[Error]: {message}", file=sys.stderr)
    sys.exit(1)


def request(url: str, body: dict[str, str] | None = None, token: str = "") -> dict[str, Any]:
    """The JSON that Amazon answers, asked as the ASK CLI asks."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    try:
        with urlopen(Request(url, data=data, headers=headers)) as answer:
            document: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        fail(
            f"The request to {url} failed. Client Error: AxiosError: Request failed with status "
            f"code {error.code}"
        )
    except URLError as error:
        fail(f"The request to {url} failed. Client Error: Error: {error.reason}")
    return document


def tokens(form: dict[str, str]) -> dict[str, Any]:
    """The token that Login with Amazon gives, with the date of its end."""
    client = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    token = request(f"{LWA}/auth/o2/token", form | client)
    end = datetime.now(UTC) + timedelta(seconds=token["expires_in"])
    return token | {"expires_at": end.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def read() -> dict[str, Any]:
    """What is stored; a byte order mark is more than it can read."""
    try:
        config: dict[str, Any] = json.loads(CONFIG.read_text(encoding="utf-8"))
    except ValueError as error:
        fail(f"Failed to parse JSON file {CONFIG}.\nSyntaxError: {error}")
    return config


def write(config: dict[str, Any]) -> None:
    """Store it; a file that is there keeps its mode."""
    CONFIG.write_text(json.dumps(config, indent=2), encoding="utf-8")


def ask(question: str, problem: str = "") -> str:
    """An answer of the user's; while there is a problem with an empty one, asked again."""
    while True:
        print(f"? {question} ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        if line.strip() or not problem:
            return line.strip()
        print(f">> {problem}")


def choose_vendor(token: str) -> str:
    """The developer account of the login."""
    vendors = request(f"{SMAPI}/v1/vendors", token=token)["vendors"]
    if not vendors:
        fail("There is no Vendor ID associated with your account.")
    if len(vendors) == 1:
        return str(vendors[0]["id"])
    print("? Your Amazon developer account has multiple Vendor IDs.")
    for number, vendor in enumerate(vendors, 1):
        print(f"  {number}) {vendor['name']}: {vendor['id']}")
    return str(vendors[int(ask("Answer:") or 1) - 1]["id"])


def configure(options: Namespace) -> None:
    """Log in, and store what came of it."""
    print("This command will configure the ASK CLI with a profile.")
    print("------------------------- Step 1 of 2 : ASK CLI Configuration ----------------------")
    if not CONFIG.exists():
        CONFIG.parent.mkdir(exist_ok=True)
        CONFIG.touch(mode=0o600)
        write({"profiles": {}})
    config = read()
    assert not options.browser, "Only --no-browser is played here."
    assert options.profile, "Without --profile, it would ask which."
    query = {
        "response_type": "code",
        "client_id": CLIENT[0],
        "state": "Ask-SkillModel-ReadWrite",
        "scope": SCOPES,
        "redirect_uri": CODE_PAGE,
    }
    print("[Warn]: Do not share your authorization code.", file=sys.stderr)
    print(
        f"Paste the following url to your browser:\n    https://www.amazon.com/ap/oa?{urlencode(query)}"
    )
    code = ask("Please enter the Authorization Code: ", "Please enter a valid Authorization Code.")
    token = tokens({"grant_type": "authorization_code", "redirect_uri": CODE_PAGE, "code": code})
    profile = config["profiles"].setdefault(options.profile, {})
    profile["token"] = token
    print(f'ASK Profile "{options.profile}" was successfully created.')
    write(config)
    profile["vendor_id"] = choose_vendor(token["access_token"])
    print(f"Vendor ID set as {profile['vendor_id']}.\n")
    write(config)
    print("---------------- Step 2 of 2 : Associate an AWS Profile with ASK CLI ----------------")
    print("[Warn]: ASK CLI will create an IAM user.", file=sys.stderr)
    question = "Do you want to link your AWS account in order to host your Alexa skills? (Y/n)"
    if not ask(question).lower().startswith("n"):
        fail("It would now ask for an access key of AWS, which is not played here.")
    print("------------------------- Skipping the AWS profile association ----------------------")
    print("------------------------- Configuration Complete -------------------------")
    print(f"ASK Profile: {options.profile}\nAWS Profile: undefined")
    print(f"Vendor ID: {profile['vendor_id']}")


def get_vendor_list(options: Namespace) -> None:
    """Renew the token, if its time is over, and say which developer accounts there are."""
    if not CONFIG.exists():
        fail(f"File {CONFIG} not exists.")
    config = read() | {"machine_id": str(uuid.uuid4())}
    if options.profile not in config["profiles"]:
        fail(f"Can't resolve profile [{options.profile}] as it doesn't exist.")
    token = config["profiles"][options.profile]["token"]
    if datetime.fromisoformat(token["expires_at"]) <= datetime.now(UTC):
        form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        token = config["profiles"][options.profile]["token"] = tokens(form)
        write(config)
    print(json.dumps(request(f"{SMAPI}/v1/vendors", token=token["access_token"]), indent=2))


def main() -> None:
    """Do one of the two things that it can."""
    # With these two it would use no profile at all.
    assert not os.environ.keys() & {"ASK_REFRESH_TOKEN", "ASK_ACCESS_TOKEN"}
    parser = ArgumentParser(prog="ask")
    actions = parser.add_subparsers(required=True)
    configuring = actions.add_parser("configure")
    configuring.add_argument("--browser", action=BooleanOptionalAction, default=True)
    configuring.add_argument("--profile")
    configuring.set_defaults(run=configure)
    asking = actions.add_parser("smapi").add_subparsers(required=True).add_parser("get-vendor-list")
    asking.add_argument("--profile")
    asking.set_defaults(run=get_vendor_list)
    options = parser.parse_args()
    options.run(options)


main()
