"""The skill's Lambda function and the Alexa app around it: directives, signed and posted."""

from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import Any
import uuid

import aiohttp
from standardwebhooks import Webhook

from . import messages
from .account import Account, Enablement, Region
from .linking_page import LinkingPage
from .rules import InvalidMessageError
from .simulation import SimulatedAmazon

LAMBDA_REGIONS = {Region.NA: "us-east-1", Region.EU: "eu-west-1", Region.FE: "us-west-2"}
# Alexa gives up on a directive after this many seconds.
PATIENCE = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What the webhook answered; status None: nothing in time. `message` is None if not JSON."""

    status: int | None
    message: Any

    @property
    def name(self) -> str:
        """The name in the header, as far as there is one."""
        return messages.event_name(self.message)


def directive(namespace: str, name: str, payload: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A directive as Alexa sends it."""
    header = {
        "namespace": namespace,
        "name": name,
        "payloadVersion": "3",
        "messageId": str(uuid.uuid4()),
        **more.pop("header", {}),
    }
    return {"directive": {"header": header, **more, "payload": payload}}


class Skill:
    """A skill whose Lambda function knows one webhook address and its shared secret.

    ValueError: the secret is not one that Standard Webhooks knows.
    """

    def __init__(self, amazon: SimulatedAmazon, webhook_url: str, shared_secret: str) -> None:
        self._amazon = amazon
        self._webhook_url = webhook_url
        self._shared_secret = shared_secret
        self._signature = Webhook(shared_secret)

    async def send(self, message: dict[str, Any], region: Region = Region.EU) -> Answer:
        """Sign the message and post it to the webhook."""
        body = json.dumps(message)
        message_id = f"msg_{uuid.uuid4().hex}"
        now = datetime.fromtimestamp(int(self._amazon.clock()), UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signature.sign(message_id, now, body),
            "x-aws-region": LAMBDA_REGIONS[region],
        }
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._webhook_url, data=body, headers=headers) as response,
            ):
                return Answer(response.status, _json_or_none(await response.read()))
        except aiohttp.ClientError, TimeoutError:
            return Answer(None, None)

    async def link(self, account: Account, grantee_token: str | None = None) -> bool:
        """Enable the skill; whether Alexa got the answer that lets the linking succeed.

        The grantee's token is what the account linking gave: a Home Assistant access token, or
        (by default) one of Login with Amazon.
        """
        before = account.enablement
        account.enablement = Enablement.ENABLED
        grant = {"type": "OAuth2.AuthorizationCode", "code": self._amazon.login.new_code(account)}
        token = grantee_token or self.linking_token(account)
        payload = {"grant": grant, "grantee": {"type": "BearerToken", "token": token}}
        answer = await self.send(
            directive("Alexa.Authorization", "AcceptGrant", payload), account.region
        )
        if messages.is_accept_grant_response(answer.message):
            account.notice = "Alexa Doorbell has been successfully linked."
            return True
        account.enablement = before
        account.notice = f"We were unable to link Alexa Doorbell at this time ({_why(answer)})."
        return False

    async def discover(self, account: Account) -> list[dict[str, Any]]:
        """Discover devices; the endpoints found, none if the response broke a rule."""
        scope = {"type": "BearerToken", "token": self.linking_token(account)}
        answer = await self.send(
            directive("Alexa.Discovery", "Discover", {"scope": scope}), account.region
        )
        try:
            found = messages.discovered(answer.message)
        except InvalidMessageError as broken:
            reason = str(broken) if answer.name == "Discover.Response" else _why(answer)
            account.notice = f"No new devices found ({reason})."
            return []
        account.endpoints.update(found)
        names = ", ".join(endpoint["friendlyName"] for endpoint in found.values())
        account.notice = f"Devices found: {names}." if found else "No new devices found."
        return list(found.values())

    async def report_state(self, account: Account, endpoint_id: str) -> Answer:
        """Ask for an endpoint's state; InvalidMessageError if a StateReport breaks a rule."""
        correlation = uuid.uuid4().hex
        scope = {"type": "BearerToken", "token": self.linking_token(account)}
        answer = await self.send(
            directive(
                "Alexa",
                "ReportState",
                {},
                header={"correlationToken": correlation},
                endpoint={"scope": scope, "endpointId": endpoint_id, "cookie": {}},
            ),
            account.region,
        )
        if answer.name == "StateReport":
            messages.check_state_report(answer.message, correlation)
        return answer

    def shown(self) -> dict[str, Any]:
        """What the page of the Alexa app shows of it."""
        return {"webhook_url": self._webhook_url, "shared_secret": self._shared_secret}

    def linking_page(self, account: Account) -> LinkingPage | None:
        """Where the customer is asked something before the link; None: nowhere."""
        return None

    def linking_token(self, account: Account) -> str:
        """What the account linking gave, by which directives say whose they are."""
        return self._amazon.linking_token(account)

    async def unlink(self, account: Account) -> None:
        """Disable the skill: nothing is sent, Home Assistant learns it at its next try."""
        self._amazon.revoke(account)
        account.notice = "Alexa Doorbell has been disabled."


def _json_or_none(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _why(answer: Answer) -> str:
    """What went wrong, in a few words."""
    if answer.status is None:
        return f"no answer within {PATIENCE} s"
    if answer.name:
        payload = answer.message["event"].get("payload")
        kind = payload.get("type") if isinstance(payload, dict) else None
        return f"{answer.name} {kind or ''}".strip()
    return f"the webhook answered {answer.status}"
