"""What Alexa hears when an Echo wants to show a door."""

from collections.abc import Callable
from typing import Any

from ..client.incoming import InitiateSession, SessionConnected, SessionDisconnected
from ..client.messages import answer_generated, session_response
from ..doorbells.doorbell import Doorbell
from ..live_view.exceptions import InvalidOfferError, LiveViewError, NoVoiceError
from ..live_view.views import LiveViews

# Whatever else it is, the camera could not be reached.
ERRORS = {InvalidOfferError: "INVALID_VALUE", NoVoiceError: "INVALID_DIRECTIVE"}

type Refuse = Callable[[str, str], dict[str, Any]]


async def async_answer_offer(
    views: LiveViews, doorbell: Doorbell, directive: InitiateSession, refuse: Refuse
) -> dict[str, Any]:
    """Return the camera's answer, in time or not at all."""
    if directive.session_id is None or directive.offer is None:
        return refuse("INVALID_VALUE", "The offer is no SDP, or its session has no id.")
    try:
        answer = await views.async_answer(doorbell, directive.session_id, directive.offer)
    except LiveViewError as error:
        return refuse(ERRORS.get(type(error), "ENDPOINT_UNREACHABLE"), str(error))
    return answer_generated(
        endpoint_id=doorbell.endpoint_id,
        correlation_token=directive.correlation_token,
        sdp=answer,
    )


def answer_session(
    views: LiveViews,
    doorbell: Doorbell,
    directive: SessionConnected | SessionDisconnected,
    refuse: Refuse,
) -> dict[str, Any]:
    """Note that a session began or ended; one that nobody knows may have ended here already."""
    if directive.session_id is None:
        return refuse("INVALID_VALUE", "The session has no id.")
    if isinstance(directive, SessionConnected):
        views.connected(doorbell.endpoint_id, directive.session_id)
    else:
        views.disconnected(doorbell.endpoint_id, directive.session_id)
    return session_response(
        directive.name,
        endpoint_id=doorbell.endpoint_id,
        correlation_token=directive.correlation_token,
        session_id=directive.session_id,
    )
