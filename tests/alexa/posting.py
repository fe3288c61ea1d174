"""What the skill's Lambda posts to the webhook, signed by an implementation that is not ours."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
import json
import time
from uuid import uuid4

from standardwebhooks import Webhook

from demo.amazon.skill import directive

from ..conftest import SHARED_SECRET, WEBHOOK_ID

PATH = f"/api/webhook/{WEBHOOK_ID}"
OTHER_SECRET = "whsec_" + "b3RoZXI=" * 4
DISCOVER = json.dumps(
    directive("Alexa.Discovery", "Discover", {"scope": {"type": "BearerToken", "token": "t"}})
).encode()

type Answer = tuple[int, bytes]
type Post = Callable[..., Awaitable[Answer]]


def signed(
    body: bytes, *, secret: str = SHARED_SECRET, message_id: str = "", age: float = 0
) -> dict[str, str]:
    """The headers of the Lambda's request, signed."""
    message_id = message_id or f"msg_{uuid4().hex}"
    sent = datetime.fromtimestamp(int(time.time() - age), UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, sent, body.decode()),
    }
