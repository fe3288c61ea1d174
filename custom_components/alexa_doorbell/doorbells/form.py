"""Adds and edits a doorbell."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
)
import voluptuous as vol

from ..client.messages import is_valid_friendly_name
from ..const import (
    CHOICES,
    CONF_ANNOUNCEMENTS,
    CONF_COOLDOWN,
    CONF_EVENT_TYPES,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_STATES,
    CONF_WARM_UP,
    DEFAULT_COOLDOWN,
    DEFAULT_MAX_AGE,
    LIMITS,
)
from .doorbell import SOURCES
from .proposals import likely_doorbells, likely_warm_up
from .sources import (
    doorbells_of,
    own_entities,
    ring_like,
    source_choice,
    source_entity_id,
    source_error,
    source_name,
    source_unique_id,
    without_gaps,
)

# How many likely doorbells the form names.
PROPOSALS_SHOWN = 5


def _seconds(field: str) -> NumberSelector:
    shortest, longest = LIMITS[field]
    return NumberSelector(
        NumberSelectorConfig(
            min=shortest,
            max=longest,
            step=1,
            unit_of_measurement="s",
            mode=NumberSelectorMode.BOX,
        )
    )


def _doorbell_schema(excluded: list[str]) -> vol.Schema:
    """Return the fields of a doorbell, without the entities that it cannot be."""

    def entity(domains: list[str], *, multiple: bool) -> EntitySelector:
        return EntitySelector(
            EntitySelectorConfig(
                filter=[{"domain": domains}], exclude_entities=excluded, multiple=multiple
            )
        )

    return vol.Schema(
        {
            vol.Optional(CONF_ENTITY_ID): entity(list(SOURCES), multiple=False),
            vol.Optional(CONF_FRIENDLY_NAME): TextSelector(),
            vol.Optional(CONF_COOLDOWN, default=DEFAULT_COOLDOWN): _seconds(CONF_COOLDOWN),
            vol.Optional(CONF_MAX_AGE, default=DEFAULT_MAX_AGE): _seconds(CONF_MAX_AGE),
            vol.Optional(CONF_WARM_UP): entity(["binary_sensor", "event"], multiple=True),
        }
    )


class DoorbellSubentryFlow(ConfigSubentryFlow):
    """Asks which entity rings, what Alexa calls it, and which of its events or states count."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}
        self._proposals: list[str] = []

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a doorbell; the likeliest one that is none yet is filled in."""
        if user_input is None:
            self._proposals = [
                each for each in likely_doorbells(self.hass) if not self._is_taken(each)
            ]
            self._data = self._proposed()
        return self._step_doorbell("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Edit a doorbell; the endpoint id that Alexa knows stays."""
        if user_input is None:
            subentry = self._get_reconfigure_subentry()
            self._data = dict(subentry.data)
            if entity_id := source_entity_id(self.hass, subentry):
                self._data[CONF_ENTITY_ID] = entity_id
            # The form stores an empty list of who has emptied it.
            self._data.setdefault(CONF_WARM_UP, likely_warm_up(self.hass, entity_id))
        return self._step_doorbell("reconfigure", user_input)

    async def async_step_event_types(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose among the types of an event entity."""
        return self._step_choice(user_input)

    async def async_step_states(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the states that mean ringing."""
        return self._step_choice(user_input)

    def _step_doorbell(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take(user_input)
            if not errors:
                return self._after_doorbell()
        return self._show_doorbell(step_id, errors)

    def _show_doorbell(self, step_id: str, errors: dict[str, str]) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                _doorbell_schema(own_entities(self.hass)), self._data
            ),
            errors=errors,
            description_placeholders={
                "proposals": ", ".join(map(self._name, self._proposals[:PROPOSALS_SHOWN])) or "—"
            },
        )

    def _name(self, entity_id: str) -> str:
        state = self.hass.states.get(entity_id)
        return state.name if state else entity_id

    def _proposed(self) -> dict[str, Any]:
        """Return what the form proposes for a new doorbell."""
        if not self._proposals:
            return {}
        entity_id = self._proposals[0]
        return {CONF_ENTITY_ID: entity_id, CONF_WARM_UP: likely_warm_up(self.hass, entity_id)}

    def _take(self, user_input: dict[str, Any]) -> dict[str, str]:
        """Keep what was entered, and return what is wrong with it."""
        entity_id = user_input.get(CONF_ENTITY_ID)
        kept = self._data if entity_id == self._data.get(CONF_ENTITY_ID) else {}
        choices = {key: kept[key] for key in CHOICES if key in kept}
        self._data = user_input | choices
        warm_up, proposed = user_input.get(CONF_WARM_UP), self._proposed()
        for_another_door = proposed and entity_id != proposed[CONF_ENTITY_ID]
        if for_another_door and warm_up and warm_up == proposed[CONF_WARM_UP]:
            self._data[CONF_WARM_UP] = likely_warm_up(self.hass, entity_id)
        name = " ".join(user_input.get(CONF_FRIENDLY_NAME, "").split())
        if entity_id is not None:
            if error := source_error(self.hass, entity_id):
                return {CONF_ENTITY_ID: error}
            if self._is_taken(entity_id):
                raise AbortFlow("already_configured")
            name = name or source_name(self.hass, entity_id)
        self._data[CONF_FRIENDLY_NAME] = name
        return {} if is_valid_friendly_name(name) else {CONF_FRIENDLY_NAME: "invalid_name"}

    def _is_taken(self, entity_id: str) -> bool:
        taken = doorbells_of(self.hass, self._get_entry(), entity_id)
        return any(subentry.subentry_id != self._mine for subentry in taken)

    @property
    def _mine(self) -> str | None:
        """The doorbell that is changed, if it is not a new one."""
        return self.context.get("subentry_id")

    def _after_doorbell(self) -> SubentryFlowResult:
        choice = source_choice(self.hass, self._data.get(CONF_ENTITY_ID))
        if choice is None:
            self._data = {key: value for key, value in self._data.items() if key not in CHOICES}
            return self._finish()
        if choice == (CONF_EVENT_TYPES, []):
            return self._finish()  # Nothing is known to choose from.
        return self._show_choice(*choice)

    def _step_choice(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        choice = source_choice(self.hass, self._data[CONF_ENTITY_ID])
        if choice is None:
            return self._finish()  # The entity changed while the form was open.
        key, known = choice
        if user_input is None:
            return self._show_choice(key, known)
        chosen = without_gaps(user_input[key])
        if not chosen:
            return self._show_choice(key, known, {key: "nothing_chosen"})
        self._data[key] = chosen
        return self._finish()

    def _show_choice(
        self, key: str, known: list[str], errors: dict[str, str] | None = None
    ) -> SubentryFlowResult:
        """Show the step that is called like the setting."""
        chosen = self._data.get(key) or ring_like(known)
        selector = SelectSelector(
            SelectSelectorConfig(
                options=list(dict.fromkeys([*known, *chosen])),
                multiple=True,
                # A sensor may have states that nobody has seen yet.
                custom_value=key == CONF_STATES,
            )
        )
        return self.async_show_form(
            step_id=key,
            data_schema=vol.Schema({vol.Required(key, default=chosen): selector}),
            errors=errors,
        )

    def _finish(self) -> SubentryFlowResult:
        entity_id = self._data.get(CONF_ENTITY_ID)
        if entity_id is not None and (error := source_error(self.hass, entity_id)):
            # It was renamed or removed while the second form was open.
            step_id = "reconfigure" if self._mine else "user"
            return self._show_doorbell(step_id, {CONF_ENTITY_ID: error})
        if entity_id is not None and self._is_taken(entity_id):
            raise AbortFlow("already_configured")  # By an automation, while the form was open.
        unique_id = source_unique_id(self.hass, self._get_entry(), entity_id, self._mine)
        title = self._data[CONF_FRIENDLY_NAME]
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=title, data=self._data, unique_id=unique_id)
        subentry = self._get_reconfigure_subentry()
        if CONF_ANNOUNCEMENTS in subentry.data:
            # The switch's, which may have been used while the form was open.
            self._data[CONF_ANNOUNCEMENTS] = subentry.data[CONF_ANNOUNCEMENTS]
        return self.async_update_and_abort(
            self._get_entry(),
            subentry,
            data=self._data,
            title=title,
            unique_id=unique_id,
        )
