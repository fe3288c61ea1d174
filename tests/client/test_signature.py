"""Tests of signatures, against the reference implementation where there is one."""

import base64
from datetime import UTC, datetime
import time
from typing import Any

from multidict import CIMultiDict
import pytest
from standardwebhooks import Webhook

from custom_components.alexa_doorbell.client.exceptions import Refusal, SignatureError
from custom_components.alexa_doorbell.client.signature import (
    ReplayMemory,
    SignedMessage,
    new_secret,
    sign,
    signed_headers,
    verify,
)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of 32 bytes here!").decode()
BODY = b'{"directive": {}}'
NOW = 1_700_000_000.5
SIGNED_AT = 1_700_000_000


def headers(**changes: str) -> CIMultiDict[str]:
    """Return good headers, but for the changes."""
    found = CIMultiDict(signed_headers(SECRET, BODY, now=NOW, message_id="msg_1"))
    found.update({f"Webhook-{key.title()}": value for key, value in changes.items()})
    return found


def test_every_new_secret_is_32_bytes_of_its_own() -> None:
    secrets = {new_secret() for _ in range(10)}

    assert len(secrets) == 10
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32


def test_the_reference_makes_the_same_signature() -> None:
    expected = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(SIGNED_AT, UTC), BODY.decode())

    assert sign(SECRET, "msg_1", SIGNED_AT, BODY) == expected


@pytest.mark.parametrize("body", [b"{}", '{"name": "Haustür 🔔"}'.encode()], ids=["plain", "UTF-8"])
def test_the_reference_takes_our_signature(body: bytes) -> None:
    secret = new_secret()

    document = Webhook(secret).verify(body, signed_headers(secret, body, now=time.time()))

    assert isinstance(document, dict)


def test_we_take_the_signature_of_the_reference() -> None:
    secret = new_secret()
    signature = Webhook(secret).sign("msg_9", datetime.fromtimestamp(SIGNED_AT, UTC), BODY.decode())
    given = {
        "webhook-id": "msg_9",
        "webhook-timestamp": str(SIGNED_AT),
        "webhook-signature": signature,
    }

    assert verify([secret], given, BODY, now=NOW) == SignedMessage(
        message_id="msg_9", timestamp=SIGNED_AT, secret=secret
    )


def test_every_message_gets_an_id_of_its_own() -> None:
    ids = {signed_headers(SECRET, BODY, now=NOW)["webhook-id"] for _ in range(10)}

    assert len(ids) == 10


def test_the_secret_that_signed_is_found_among_several() -> None:
    assert verify([OTHER_SECRET, SECRET], headers(), BODY, now=NOW).secret == SECRET


def test_one_good_signature_among_several_is_enough() -> None:
    good = headers()["webhook-signature"]

    message = verify([SECRET], headers(signature=f"v1,AAAA v1a,BBBB {good} v2"), BODY, now=NOW)

    assert message.message_id == "msg_1"


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_a_message_within_the_tolerance_is_taken(age: int) -> None:
    assert verify([SECRET], headers(), BODY, now=SIGNED_AT + age).timestamp == SIGNED_AT


@pytest.mark.parametrize("age", [-301, 301, -(10**9), 10**9])
def test_a_message_outside_the_tolerance_is_refused(age: int) -> None:
    with pytest.raises(SignatureError, match="old"):
        verify([SECRET], headers(), BODY, now=SIGNED_AT + age)


@pytest.mark.parametrize("age", [-301, 301])
@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET], ids=["signature right", "wrong"])
def test_outside_the_tolerance_it_is_the_clock_whatever_the_signature(
    secret: str, age: int
) -> None:
    with pytest.raises(SignatureError) as caught:
        verify([secret], headers(), BODY, now=SIGNED_AT + age)

    assert caught.value.reason is Refusal.CLOCK


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_without_one_of_the_headers_is_refused(missing: str) -> None:
    given = headers()
    del given[missing]

    with pytest.raises(SignatureError):
        verify([SECRET], given, BODY, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"id": ""}, id="empty id"),
        pytest.param({"id": "msg_2"}, id="other id"),
        pytest.param({"id": "msg_1\udcff"}, id="id not ASCII"),
        pytest.param({"timestamp": "1700000001"}, id="other timestamp"),
        pytest.param({"timestamp": "01700000000"}, id="leading zero"),
        pytest.param({"timestamp": "+1700000000"}, id="sign"),
        pytest.param({"timestamp": "-1700000000"}, id="negative"),
        pytest.param({"timestamp": "1700000000.0"}, id="fraction"),
        pytest.param({"timestamp": "1_700_000_000"}, id="underscores"),
        pytest.param({"timestamp": " 1700000000"}, id="space"),
        pytest.param({"timestamp": "1700000000\n"}, id="line break"),
        pytest.param({"timestamp": "\u0661\u0667" + "\u0660" * 8}, id="Arabic digits"),
        pytest.param({"timestamp": "²"}, id="superscript"),
        pytest.param({"timestamp": "1" * 5000}, id="giant timestamp"),
        pytest.param({"timestamp": "nan"}, id="no number"),
        pytest.param({"timestamp": ""}, id="empty timestamp"),
        pytest.param({"signature": ""}, id="empty signature"),
        pytest.param({"signature": "v1,"}, id="only a version"),
        pytest.param({"signature": "v1,ünïcödé"}, id="signature not ASCII"),
        pytest.param({"signature": "v1,\udcff"}, id="signature not UTF-8"),
        pytest.param(
            {"signature": sign(OTHER_SECRET, "msg_1", SIGNED_AT, BODY)}, id="other secret"
        ),
        pytest.param(
            {"signature": sign(SECRET, "msg_1", SIGNED_AT, BODY).replace("v1,", "v2,")},
            id="other version",
        ),
        pytest.param(
            {"signature": sign(SECRET, "msg_1", SIGNED_AT, BODY).removeprefix("v1,")},
            id="no version",
        ),
    ],
)
def test_a_message_that_was_tampered_with_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(SignatureError) as caught:
        verify([SECRET], headers(**changes), BODY, now=NOW)

    assert caught.value.reason is Refusal.SIGNATURE


def test_another_body_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify([SECRET], headers(), BODY + b" ", now=NOW)


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(SignatureError):
        verify([], headers(), BODY, now=NOW)


def test_the_repr_of_a_message_hides_the_secret() -> None:
    assert SECRET not in repr(verify([SECRET], headers(), BODY, now=NOW))


def remembers(memory: ReplayMemory, message_id: str, **times: Any) -> bool:
    """Whether the memory knew the id, or would not take another."""
    try:
        memory.remember(message_id, **times)
    except SignatureError:
        return True
    return False


def test_an_id_is_good_for_one_use() -> None:
    memory = ReplayMemory()

    assert not remembers(memory, "msg_1", timestamp=1000, now=1000)
    assert not remembers(memory, "msg_2", timestamp=1000, now=1000)
    assert remembers(memory, "msg_1", timestamp=1000, now=1000)


@pytest.mark.parametrize("signed_at", [700, 1000, 1300])
def test_an_id_is_known_as_long_as_its_timestamp_is_tolerated(signed_at: int) -> None:
    memory = ReplayMemory()
    memory.remember("msg_1", timestamp=signed_at, now=1000)

    assert remembers(memory, "msg_1", timestamp=signed_at, now=signed_at + 300)
    assert not remembers(memory, "msg_1", timestamp=signed_at + 301, now=signed_at + 301)


def test_a_full_memory_forgets_what_is_past_the_tolerance() -> None:
    memory = ReplayMemory(limit=2)
    memory.remember("msg_1", timestamp=1000, now=1000)
    memory.remember("msg_2", timestamp=1200, now=1200)

    assert not remembers(memory, "msg_3", timestamp=1301, now=1301)
    assert remembers(memory, "msg_2", timestamp=1200, now=1301)
    assert remembers(memory, "msg_3", timestamp=1301, now=1301)


def test_a_memory_full_of_fresh_ids_takes_no_more() -> None:
    memory = ReplayMemory(limit=2)
    memory.remember("msg_1", timestamp=1000, now=1000)
    memory.remember("msg_2", timestamp=1000, now=1000)

    with pytest.raises(SignatureError, match="too many") as caught:
        memory.remember("msg_3", timestamp=1300, now=1300)

    assert caught.value.reason is Refusal.TOO_MANY

    assert remembers(memory, "msg_1", timestamp=1000, now=1300)
