"""Home Assistant's end: the signed messages that the integration's webhook takes."""

from http import HTTPStatus
import json
import time

from skill.lambda_function import Bridge, BridgeError, Configuration, configuration

from .errors import CommandError
from .smapi import Credentials

PATIENCE = 20
NEW_ADDRESS = (
    "Reconfigure, in the menu of Alexa Doorbell in Home Assistant, shows the webhook address and "
    "the shared secret: give these. If the integration is not set up there yet, add it again, and "
    "copy the command it shows."
)


def checked_address(webhook_url: str, shared_secret: str) -> Configuration:
    """The address and secret, if they can be used."""
    try:
        return configuration(webhook_url, shared_secret)
    except BridgeError as error:
        what = str(error).replace("WEBHOOK_URL", "The webhook address")
        what = what.replace("SHARED_SECRET", "The shared secret")
        raise CommandError(f"{what}.", NEW_ADDRESS) from None


def check(config: Configuration) -> None:
    """Make sure, before anything is made, that Home Assistant listens and knows the secret."""
    # Neither directive nor setup: Home Assistant has nothing to do.
    status, body = _post(config, {})
    if status == HTTPStatus.OK and not body.strip():
        raise CommandError("Home Assistant does not know the webhook address.", NEW_ADDRESS)
    if status == HTTPStatus.UNAUTHORIZED:
        raise CommandError(
            "Home Assistant refuses the shared secret.",
            f"Make sure that this computer's clock is right. {NEW_ADDRESS}",
        )
    if status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.NO_CONTENT}:
        raise CommandError(
            f"What answers at the webhook address is not Home Assistant (status {status}).",
            NEW_ADDRESS,
        )


def hand_over(config: Configuration, skill_id: str, credentials: Credentials) -> bool:
    """Bring Home Assistant the skill's credentials; whether it was waiting for them."""
    setup = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "skill_id": skill_id,
    }
    status, _ = _post(config, {"setup": setup})
    if status not in {HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT}:
        raise CommandError(
            f"Home Assistant did not take the skill's credentials (status {status}).",
            "Run the command again while Home Assistant shows that it waits for it.",
        )
    return status == HTTPStatus.NO_CONTENT


def _post(config: Configuration, document: object) -> tuple[int, bytes]:
    bridge = Bridge()
    body = json.dumps(document).encode()
    deadline = time.monotonic() + PATIENCE
    try:
        return bridge.ask(config, body, repeatable=False, deadline=deadline)
    except (BridgeError, TimeoutError) as error:
        raise CommandError(
            f"Home Assistant cannot be reached: {error}.",
            "Its address must be reachable from everywhere, by https with a good certificate.",
        ) from None
    finally:
        bridge.close()
