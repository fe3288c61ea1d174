"""The live views of one skill: which are open, and what is known of the last of each doorbell."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
import logging
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID, ATTR_NAME
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
    async_track_state_report_event,
)

from ..const import DOMAIN, EVENT_SHOWN
from ..doorbells.cameras import STANDING, Hindrance, hindrance
from ..doorbells.doorbell import Doorbell
from ..doorbells.steady import Steady
from .camera import CameraSession
from .exceptions import CameraError, CrowdedError, EndedError
from .last import LastView
from .negotiation import Negotiation
from .sdp import H264, Description, read_offer

_LOGGER = logging.getLogger(__name__)

# Nobody looks at a door for longer; in seconds.
LONGEST = 30 * 60
# Of one doorbell at once. Of more, some Echo has not said that it is gone.
MOST_AT_ONCE = 6
# A camera that cannot be asked for less than this, in seconds, is only being started.
HOLD = 30
# Those that a user hears of without any view that failed.
TOLD_UNASKED = {Hindrance.MISSING, Hindrance.NO_WEBRTC}


@dataclass(slots=True, kw_only=True)
class _Session:
    """A view that some Echo asked for."""

    camera: CameraSession
    end: CALLBACK_TYPE
    """Cancels the timer that ends it."""
    answering: asyncio.Task[Description] | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the Echo has its answer."""
        return self.answering is not None and self.answering.done()


class LiveViews:
    """Answers Alexa's offers by the cameras of the doorbells.

    A session ends when the Echo says so, with the entry's unload, with a new offer of its own,
    and after half an hour. Of too many the oldest ends.
    """

    def __init__(self, hass: HomeAssistant, changed: Callable[[], None]) -> None:
        self.last: dict[str, LastView] = {}
        self._last_session: dict[str, str] = {}
        self._hass = hass
        self._changed = changed
        self._doorbells: dict[str, Doorbell] = {}
        # By endpoint id and session id, the oldest first.
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._dark = Steady(hass, HOLD, changed)
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._stopped = True

    @property
    def open(self) -> int:
        """How many sessions there are."""
        return len(self._sessions)

    @property
    def hindrances(self) -> dict[str, Hindrance]:
        """What keeps doorbells from an Echo's screen, by endpoint id, as far as it is known."""
        found = {}
        for endpoint_id, doorbell in self._doorbells.items():
            last = self.last.get(endpoint_id)
            failed = last.hindrance if last else None
            if failed in STANDING or (failed is None and endpoint_id in self._dark):
                failed = hindrance(self._hass, doorbell.camera or "")
            if failed is not None:
                found[endpoint_id] = failed
        return found

    @callback
    def start(self) -> None:
        """Answer from now on."""
        self._stopped = False

    @callback
    def stop(self) -> None:
        """End every session, and follow no camera."""
        self._stopped = True
        for key in list(self._sessions):
            self._end(key)
        self._unfollow()
        self._dark.stop()

    @callback
    def follow(self, doorbells: Iterable[Doorbell]) -> None:
        """Show these doorbells as far as they have a camera, and end what is shown of others."""
        before = self._doorbells
        self._doorbells = {each.endpoint_id: each for each in doorbells if each.camera is not None}
        for endpoint_id, old in before.items():
            new = self._doorbells.get(endpoint_id)
            if new is None or (new.camera, new.talk) != (old.camera, old.talk):
                self._forget(endpoint_id)
        self._unfollow()
        cameras = {str(each.camera) for each in self._doorbells.values()}
        if cameras:
            self._unsubscribe = [
                async_track_state_change_event(self._hass, cameras, self._camera_changed),
                # A camera that is turned off may say nothing else than before.
                async_track_state_report_event(self._hass, cameras, self._camera_changed),
            ]

    @callback
    def _unfollow(self) -> None:
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def look(self) -> None:
        """Note which cameras could not be asked, once all have had time to come."""
        if self._hass.state is not CoreState.running:
            return
        for endpoint_id, doorbell in self._doorbells.items():
            dark = hindrance(self._hass, doorbell.camera or "") in TOLD_UNASKED
            self._dark.note(endpoint_id, holds=dark)

    async def async_answer(self, doorbell: Doorbell, session_id: str, sdp: str) -> str:
        """Return the answer to an offer for a doorbell with a camera, or raise LiveViewError."""
        offer = read_offer(sdp, talk=doorbell.talk)
        started = self._hass.loop.time()

        def milliseconds() -> int:
            return round((self._hass.loop.time() - started) * 1000)

        try:
            answer = await self._async_negotiate(doorbell, session_id, offer)
        except (CameraError, CrowdedError) as error:
            if isinstance(error, CameraError):
                failed = LastView.failed(error, milliseconds=milliseconds(), talk=doorbell.talk)
                self._note(doorbell, session_id, failed)
            _LOGGER.warning(
                "The door of %s could not be shown on an Echo. %s", doorbell.friendly_name, error
            )
            raise
        view = LastView.shown(answer, milliseconds=milliseconds(), talk=doorbell.talk)
        self._note(doorbell, session_id, view)
        self._tell(doorbell, view)
        return answer.text

    @callback
    def connected(self, endpoint_id: str, session_id: str) -> None:
        """Hear that an Echo shows a door: whatever seemed to be in the way was not."""
        last = self.last.get(endpoint_id)
        if last is None or (endpoint_id, session_id) not in self._sessions:
            return
        if self._last_session[endpoint_id] == session_id:
            self.last[endpoint_id] = replace(last, connected=True, hindrance=None)
        elif last.hindrance is Hindrance.HOME_NETWORK:
            # All Echos are in the same home, on the same side of the same router.
            self.last[endpoint_id] = replace(last, hindrance=None)
        self._changed()

    @callback
    def disconnected(self, endpoint_id: str, session_id: str) -> None:
        """Hear that an Echo shows a door no more."""
        self._end((endpoint_id, session_id))

    async def _async_negotiate(
        self, doorbell: Doorbell, session_id: str, offer: Description
    ) -> Description:
        key = (doorbell.endpoint_id, session_id)
        session = self._open(key, doorbell)
        try:
            negotiation = Negotiation(session.camera)
            session.answering = self._hass.async_create_background_task(
                negotiation.async_answer(offer, talk=doorbell.talk), f"{DOMAIN} live view"
            )
            # What a camera says to being given up is heard by nobody.
            await asyncio.gather(session.answering, return_exceptions=True)
            if self._sessions.get(key) is not session or session.answering.cancelled():
                raise EndedError("The session was ended in the meantime.")  # noqa: TRY301
            return session.answering.result()
        except BaseException:
            # Whoever it was that gave up: at the camera nothing stays open.
            if self._sessions.get(key) is session:
                self._end(key)
            raise

    def _open(self, key: tuple[str, str], doorbell: Doorbell) -> _Session:
        self._end(key)
        if self._stopped:
            raise EndedError("The skill was unloaded in the meantime.")
        # Nobody else's sessions have such a name at the camera's side.
        camera = CameraSession(self._hass, str(doorbell.camera), f"{DOMAIN}_{'_'.join(key)}")
        self._make_room(doorbell.endpoint_id)

        @callback
        def end(_now: object) -> None:
            self._end(key)

        timer = async_call_later(self._hass, LONGEST, end)
        session = self._sessions[key] = _Session(camera=camera, end=timer)
        return session

    def _make_room(self, endpoint_id: str) -> None:
        """End the oldest of too many, but none whose Echo still waits for its answer."""
        there = [key for key in self._sessions if key[0] == endpoint_id]
        if len(there) < MOST_AT_ONCE:
            return
        answered = [key for key in there if self._sessions[key].is_answered]
        if not answered:
            raise CrowdedError(f"{MOST_AT_ONCE} other Echos are being answered.")
        self._end(answered[0])

    @callback
    def _end(self, key: tuple[str, str]) -> None:
        session = self._sessions.pop(key, None)
        if session is None:
            return
        session.end()
        if session.answering is not None:
            session.answering.cancel()
        session.camera.close()

    @callback
    def _forget(self, endpoint_id: str) -> None:
        """Forget a doorbell that shows nothing more, or by another camera."""
        for key in [each for each in self._sessions if each[0] == endpoint_id]:
            self._end(key)
        self.last.pop(endpoint_id, None)
        self._last_session.pop(endpoint_id, None)
        self._dark.drop(endpoint_id)

    @callback
    def _note(self, doorbell: Doorbell, session_id: str, view: LastView) -> None:
        if self._doorbells.get(doorbell.endpoint_id) == doorbell:
            self.last[doorbell.endpoint_id] = view
            self._last_session[doorbell.endpoint_id] = session_id
            self._changed()

    @callback
    def _tell(self, doorbell: Doorbell, view: LastView) -> None:
        """Tell the logbook, and whoever listens."""
        identifiers = {(DOMAIN, doorbell.endpoint_id)}
        device = dr.async_get(self._hass).async_get_device(identifiers=identifiers)
        about = {
            ATTR_NAME: doorbell.friendly_name,
            ATTR_DEVICE_ID: device.id if device else None,
            "latency_ms": view.milliseconds,
            # Some Echos have no screen.
            "picture": H264 in view.codecs,
        }
        self._hass.bus.async_fire(EVENT_SHOWN, about)

    @callback
    def _camera_changed(self, _event: Event[Any]) -> None:
        self.look()
        if self._dark.keys or any(view.hindrance for view in self.last.values()):
            self._changed()
