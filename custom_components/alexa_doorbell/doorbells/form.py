"""Adds and edits a doorbell."""

from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from ..accounts.connection import is_closed
from ..client.messages import is_valid_friendly_name
from ..const import (
    CHOICES,
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_FRIENDLY_NAME,
    CONF_TALK,
    CONF_WARM_UP,
)
from .cameras import camera_error, likely_camera
from .choice import Choice, real_names, source_choice, stripped, twin
from .fields import (
    CONF_BY_ATTRIBUTE,
    DEFAULTS,
    IN_MORE,
    attribute_schema,
    choice_schema,
    doorbell_schema,
    folded,
    unfolded,
)
from .naming import source_name, tidy
from .proposals import (
    Proposal,
    likely_doorbells,
    likely_warm_up,
    proposals_in_words,
    words_of_closed_home,
)
from .sources import (
    doorbells_of,
    own_entities,
    source_entity_id,
    source_error,
    source_unique_id,
    telling_attributes,
)

# What the forms ask; anything else that is stored stays as it is.
ASKED = {CONF_ENTITY_ID, CONF_FRIENDLY_NAME, CONF_CAMERA, *IN_MORE}
ASKED |= {*CHOICES, CONF_ATTRIBUTE, CONF_ATTRIBUTE_VALUES}


class DoorbellSubentryFlow(ConfigSubentryFlow):
    """Asks which entity rings, what Alexa calls it, and which of its events or states count."""

    def __init__(self) -> None:
        # What is stored in the end, and whether an attribute has still to be asked for.
        self._data: dict[str, Any] = {}
        self._by_attribute = False
        # By entity: whoever chooses another one may come back.
        self._further: dict[str | None, dict[str, Any]] = {}
        self._proposals: list[Proposal] = []
        # What the form shows unasked, and for which entity.
        self._proposed: dict[str, Any] = {}

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a doorbell; the likeliest one that is none yet is filled in."""
        self._abort_if_gone()
        if user_input is None:
            entry = self._get_entry()
            self._proposals = [
                each
                for each in likely_doorbells(self.hass)
                if not doorbells_of(self.hass, entry, each.entity_id)
            ]
            if self._proposals:
                self._data = {CONF_ENTITY_ID: self._proposals[0].entity_id}
                self._propose({CONF_CAMERA, CONF_WARM_UP})
        return self._step_doorbell("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Edit a doorbell; the endpoint id that Alexa knows stays."""
        self._abort_if_gone()
        if user_input is None:
            subentry = self._get_reconfigure_subentry()
            self._data = {key: value for key, value in subentry.data.items() if key in ASKED}
            if entity_id := source_entity_id(self.hass, subentry):
                self._data[CONF_ENTITY_ID] = entity_id
            self._by_attribute = CONF_ATTRIBUTE in self._data
            # Not what lies in the section: nobody would see it come.
            self._propose({CONF_CAMERA})
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

    async def async_step_attribute(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say which values of an attribute mean this doorbell, and not another one."""
        self._abort_if_gone()
        if user_input is None:
            return self._show_attribute({})
        attribute = str(user_input[CONF_ATTRIBUTE]).strip()
        values = stripped(user_input[CONF_ATTRIBUTE_VALUES])
        self._data |= {CONF_ATTRIBUTE: attribute, CONF_ATTRIBUTE_VALUES: values}
        errors = {} if attribute else {CONF_ATTRIBUTE: "no_attribute"}
        errors |= {} if values else {CONF_ATTRIBUTE_VALUES: "nothing_chosen"}
        return self._show_attribute(errors) if errors else self._finish()

    def _step_doorbell(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take(user_input)
            if not errors:
                return self._after_doorbell()
        return self._show_doorbell(step_id, errors)

    def _show_doorbell(self, step_id: str, errors: dict[str, str]) -> SubentryFlowResult:
        filled_in = folded(self._data | {CONF_BY_ATTRIBUTE: self._by_attribute})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                doorbell_schema(own_entities(self.hass), with_camera=self._can_show), filled_in
            ),
            errors=errors,
            description_placeholders={
                "proposals": proposals_in_words(self.hass, self._proposals),
                "live_view": "" if self._can_show else words_of_closed_home(self.hass),
            },
        )

    def _propose(self, fields: set[str]) -> None:
        """Fill in what is at the same door; what was emptied once is stored as empty, and stays."""
        entity_id = self._data.get(CONF_ENTITY_ID)
        beside = self._beside(entity_id)
        fresh = {key: beside[key] for key in (fields & beside.keys()) - self._data.keys()}
        self._proposed = {CONF_ENTITY_ID: entity_id, **fresh}
        self._data |= fresh

    def _exchanged(self, entered: dict[str, Any]) -> dict[str, Any]:
        """Exchange what was proposed for another door, and left as it was, for this one's.

        A camera stays where this door has none: whoever saw it in the form may well mean it.
        """
        entity_id = entered.get(CONF_ENTITY_ID)
        if not self._proposed or self._proposed[CONF_ENTITY_ID] == entity_id:
            return entered
        left = {key for key, value in self._proposed.items() if value and entered.get(key) == value}
        beside = self._beside(entity_id)
        fresh = {key: beside[key] for key in left & beside.keys()}
        self._proposed = {CONF_ENTITY_ID: entity_id, **fresh}
        return entered | fresh

    def _beside(self, entity_id: str | None) -> dict[str, Any]:
        """Return what the form proposes because it is at the same door."""
        camera = likely_camera(self.hass, entity_id) if self._can_show else None
        beside: dict[str, Any] = {CONF_WARM_UP: likely_warm_up(self.hass, entity_id)}
        return beside if camera is None else beside | {CONF_CAMERA: camera}

    def _take(self, user_input: dict[str, Any]) -> dict[str, str]:
        """Keep what was entered, and return what is wrong with it."""
        entity_id = user_input.get(CONF_ENTITY_ID)
        before = {**DEFAULTS, **self._data, CONF_BY_ATTRIBUTE: self._by_attribute}
        entered = unfolded(user_input, before)
        self._by_attribute = bool(entered.pop(CONF_BY_ATTRIBUTE, False))
        self._further[self._data.get(CONF_ENTITY_ID)] = self._chosen_before()
        entered = self._further.get(entity_id, {}) | entered
        if CONF_CAMERA in self._data:
            entered.setdefault(CONF_CAMERA, None)
        self._data = entered = self._exchanged(entered)
        if (camera := entered.get(CONF_CAMERA)) and (error := camera_error(self.hass, camera)):
            return {CONF_CAMERA: error}
        if not camera and entered.get(CONF_TALK):
            return {CONF_CAMERA: "talk_needs_camera"}
        if not camera:
            entered.pop(CONF_TALK, None)
        name = tidy(entered.get(CONF_FRIENDLY_NAME, ""))
        if entity_id is not None:
            if error := self._source_error(entity_id):
                return {CONF_ENTITY_ID: error}
            name = name or source_name(self.hass, entity_id)
        self._data[CONF_FRIENDLY_NAME] = name
        return {} if is_valid_friendly_name(name) else {CONF_FRIENDLY_NAME: "invalid_name"}

    def _source_error(self, entity_id: str) -> str | None:
        """Return why an entity cannot be this doorbell; what it is already may just be away."""
        if self._mine is not None:
            subentry = self._get_reconfigure_subentry()
            if source_entity_id(self.hass, subentry) == entity_id:
                return None
        return source_error(self.hass, entity_id)

    def _chosen_before(self) -> dict[str, Any]:
        """Return what the further forms were told of the entity."""
        further = {*CHOICES, CONF_ATTRIBUTE, CONF_ATTRIBUTE_VALUES}
        return {key: value for key, value in self._data.items() if key in further}

    def _after_doorbell(self) -> SubentryFlowResult:
        choice = source_choice(self.hass, self._data.get(CONF_ENTITY_ID))
        for setting in CHOICES:
            if choice is None or setting != choice.setting:
                self._data.pop(setting, None)
        if choice is None:
            return self._after_choice()
        if choice.leaves_nothing_to_ask(self._data):
            self._data[choice.setting] = list(choice.known)
            return self._after_choice()
        return self._show_choice(choice)

    def _step_choice(self, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        self._abort_if_gone()
        choice = source_choice(self.hass, self._data[CONF_ENTITY_ID])
        if choice is None:
            return self._after_choice()  # The entity's class changed while the form was open.
        if user_input is None:
            return self._show_choice(choice)
        chosen = real_names(user_input[choice.setting])
        if not chosen:
            return self._show_choice(choice, {choice.setting: "nothing_chosen"})
        self._data[choice.setting] = chosen
        return self._after_choice()

    def _show_choice(
        self, choice: Choice, errors: dict[str, str] | None = None
    ) -> SubentryFlowResult:
        """Show the step that is called like the setting."""
        return self.async_show_form(
            step_id=choice.setting,
            data_schema=choice_schema(choice, choice.proposed(self._data)),
            errors=errors,
        )

    def _after_choice(self) -> SubentryFlowResult:
        if self._by_attribute and CONF_ENTITY_ID in self._data:
            return self._show_attribute({})
        for setting in (CONF_ATTRIBUTE, CONF_ATTRIBUTE_VALUES):
            self._data.pop(setting, None)
        return self._finish()

    def _show_attribute(self, errors: dict[str, str]) -> SubentryFlowResult:
        names = telling_attributes(self.hass, self._data[CONF_ENTITY_ID])
        return self.async_show_form(
            step_id="attribute",
            data_schema=self.add_suggested_values_to_schema(attribute_schema(names), self._data),
            errors=errors,
        )

    def _finish(self) -> SubentryFlowResult:
        entry, entity_id = self._get_entry(), self._data.get(CONF_ENTITY_ID)
        if entity_id is not None:
            if error := self._source_error(entity_id):
                # It was renamed or removed while a further form was open.
                step_id = "reconfigure" if self._mine else "user"
                return self._show_doorbell(step_id, {CONF_ENTITY_ID: error})
            if twin(self.hass, entry, entity_id, self._data, self._mine):
                raise AbortFlow("already_configured")
        title = self._data[CONF_FRIENDLY_NAME]
        unique_id = source_unique_id(self.hass, entry, entity_id, self._mine)
        if self._mine is None:
            return self.async_create_entry(title=title, data=self._data, unique_id=unique_id)
        subentry = self._get_reconfigure_subentry()
        # Of now: the switch may have been used while the form was open.
        kept = {key: value for key, value in subentry.data.items() if key not in ASKED}
        return self.async_update_and_abort(
            entry, subentry, data=kept | self._data, title=title, unique_id=unique_id
        )

    @property
    def _can_show(self) -> bool:
        """Whether there is anything to ask about a camera: into a closed home no offer comes."""
        return not is_closed(self._get_entry().data)

    @property
    def _mine(self) -> str | None:
        """The doorbell that is changed, if it is not a new one."""
        return self.context.get("subentry_id")

    @callback
    def _abort_if_gone(self) -> None:
        """End the flow if its skill or its doorbell was removed while the form was open."""
        entry = self.hass.config_entries.async_get_entry(self.handler[0])
        if entry is None:
            raise AbortFlow("skill_removed")
        if self._mine is not None and self._mine not in entry.subentries:
            raise AbortFlow("doorbell_removed")
