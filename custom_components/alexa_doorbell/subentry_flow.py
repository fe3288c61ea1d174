"""Adds and edits a doorbell."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import split_entity_id
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

from .client.messages import is_valid_friendly_name
from .const import (
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
from .doorbell import GAPS, RULES, ChosenStateRule
from .proposals import likely_doorbells, likely_warm_up
from .sources import (
    own_entities,
    ring_like,
    source_entity_id,
    source_error,
    source_event_types,
    source_name,
    source_states,
    source_unique_id,
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


def _doorbell_schema(own_entities: list[str]) -> vol.Schema:
    """Return the fields of a doorbell, which may be anything but one of our own entities."""

    def entity(domains: list[str], *, multiple: bool) -> EntitySelector:
        config = EntitySelectorConfig(filter=[{"domain": domains}], multiple=multiple)
        if own_entities:
            config["exclude_entities"] = own_entities
        return EntitySelector(config)

    return vol.Schema(
        {
            vol.Optional(CONF_ENTITY_ID): entity(list(RULES), multiple=False),
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
            if not self._data.get(CONF_WARM_UP):
                self._data[CONF_WARM_UP] = likely_warm_up(self.hass, entity_id)
        return self._step_doorbell("reconfigure", user_input)

    async def async_step_event_types(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose among the types of an event entity."""
        types = source_event_types(self.hass, self._data[CONF_ENTITY_ID])
        return self._step_choice("event_types", CONF_EVENT_TYPES, types, user_input)

    async def async_step_states(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose the states that mean ringing."""
        states = source_states(self.hass, self._data[CONF_ENTITY_ID])
        return self._step_choice("states", CONF_STATES, states, user_input)

    def _step_doorbell(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take(user_input)
            if not errors:
                return self._after_doorbell()
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
        choices = {key: kept[key] for key in (CONF_EVENT_TYPES, CONF_STATES) if key in kept}
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
        mine = self.context.get("subentry_id")
        return any(
            source_entity_id(self.hass, subentry) == entity_id and subentry.subentry_id != mine
            for subentry in self._get_entry().subentries.values()
        )

    def _after_doorbell(self) -> SubentryFlowResult:
        entity_id: str | None = self._data.get(CONF_ENTITY_ID)
        if entity_id is None:
            return self._finish()
        domain = split_entity_id(entity_id)[0]
        if RULES[domain] is ChosenStateRule:
            return self._show_choice("states", CONF_STATES, source_states(self.hass, entity_id))
        types = source_event_types(self.hass, entity_id) if domain == "event" else []
        if len(types) > 1:
            return self._show_choice("event_types", CONF_EVENT_TYPES, types)
        if types:
            self._data.pop(CONF_EVENT_TYPES, None)
        return self._finish()

    def _step_choice(
        self, step_id: str, key: str, known: list[str], user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        if user_input is None:
            return self._show_choice(step_id, key, known)
        # A gap never rings (contract section 3), whatever the entity calls its states.
        chosen = [name for name in user_input[key] if name not in GAPS]
        if not chosen:
            return self._show_choice(step_id, key, known, {key: "nothing_chosen"})
        self._data[key] = chosen
        return self._finish()

    def _show_choice(
        self, step_id: str, key: str, known: list[str], errors: dict[str, str] | None = None
    ) -> SubentryFlowResult:
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
            step_id=step_id,
            data_schema=vol.Schema({vol.Required(key, default=chosen): selector}),
            errors=errors,
        )

    def _finish(self) -> SubentryFlowResult:
        unique_id = source_unique_id(self.hass, self._data.get(CONF_ENTITY_ID))
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
