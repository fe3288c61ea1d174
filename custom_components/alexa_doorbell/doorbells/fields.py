"""The fields of the doorbell's forms."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.const import CONF_ENTITY_ID
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
import voluptuous as vol

from ..const import (
    CONF_ATTRIBUTE,
    CONF_ATTRIBUTE_VALUES,
    CONF_CAMERA,
    CONF_COOLDOWN,
    CONF_FRIENDLY_NAME,
    CONF_MAX_AGE,
    CONF_RINGS_ON_RETURN,
    CONF_RINGS_WHEN,
    CONF_TALK,
    CONF_WARM_UP,
    DEFAULT_COOLDOWN,
    DEFAULT_MAX_AGE,
    LIMITS,
    RINGS_WHEN,
    RINGS_WHEN_ON,
)
from .cameras import CAMERA
from .choice import Choice
from .doorbell import SOURCES

# The section, and its only field that is not stored: it asks for a further step.
MORE: Final = "more"
CONF_BY_ATTRIBUTE: Final = "by_attribute"
# Of the section, what a doorbell has that is added without a look into it.
DEFAULTS: Final[Mapping[str, Any]] = {
    CONF_COOLDOWN: DEFAULT_COOLDOWN,
    CONF_MAX_AGE: DEFAULT_MAX_AGE,
    CONF_RINGS_WHEN: RINGS_WHEN_ON,
    CONF_RINGS_ON_RETURN: False,
    CONF_BY_ATTRIBUTE: False,
}
IN_MORE: Final = {*DEFAULTS, CONF_WARM_UP, CONF_TALK}
WARM_UP_DOMAINS: Final = ("binary_sensor", "event")


def doorbell_schema(excluded: list[str], *, with_camera: bool) -> vol.Schema:
    """Return the fields of a doorbell, without the entities that it cannot be."""
    fields: dict[vol.Marker, Any] = {
        vol.Optional(CONF_ENTITY_ID): _entity(SOURCES, excluded, multiple=False),
        vol.Optional(CONF_FRIENDLY_NAME): TextSelector(),
    }
    more: dict[vol.Marker, Any] = {
        vol.Optional(CONF_COOLDOWN, default=DEFAULT_COOLDOWN): _seconds(CONF_COOLDOWN),
        vol.Optional(CONF_MAX_AGE, default=DEFAULT_MAX_AGE): _seconds(CONF_MAX_AGE),
        vol.Optional(CONF_WARM_UP): _entity(WARM_UP_DOMAINS, excluded, multiple=True),
        vol.Optional(CONF_RINGS_WHEN, default=RINGS_WHEN_ON): SelectSelector(
            SelectSelectorConfig(
                options=list(RINGS_WHEN),
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_RINGS_WHEN,
            )
        ),
        vol.Optional(CONF_RINGS_ON_RETURN, default=False): BooleanSelector(),
        vol.Optional(CONF_BY_ATTRIBUTE, default=False): BooleanSelector(),
    }
    if with_camera:
        fields[vol.Optional(CONF_CAMERA)] = _entity([CAMERA], excluded, multiple=False)
        more[vol.Optional(CONF_TALK, default=False)] = BooleanSelector()
    fields[vol.Optional(MORE)] = section(vol.Schema(more), {"collapsed": True})
    return vol.Schema(fields)


def choice_schema(choice: Choice, chosen: list[str]) -> vol.Schema:
    """Return the field for what rings, filled in with `chosen`."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=list(dict.fromkeys([*choice.known, *chosen, *choice.likely])),
            multiple=True,
            custom_value=choice.takes_others,
        )
    )
    return vol.Schema({vol.Required(choice.setting, default=chosen): selector})


def attribute_schema(names: list[str]) -> vol.Schema:
    """Return the fields for an attribute, which may be one that the entity has at times only."""
    attribute = SelectSelector(
        SelectSelectorConfig(options=names, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )
    return vol.Schema(
        {
            vol.Required(CONF_ATTRIBUTE): attribute,
            vol.Required(CONF_ATTRIBUTE_VALUES): TextSelector(TextSelectorConfig(multiple=True)),
        }
    )


def folded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat values as the form has them, those of the section in it."""
    outside = {key: value for key, value in values.items() if key not in IN_MORE}
    return outside | {MORE: {key: value for key, value in values.items() if key in IN_MORE}}


def unfolded(user_input: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was entered as flat values; a section that was not sent stays as before."""
    values = dict(user_input)
    more: Mapping[str, Any] | None = values.pop(MORE, None)
    if more is None:
        more = {key: value for key, value in before.items() if key in IN_MORE}
    return {**values, **more}


def _entity(domains: Iterable[str], excluded: list[str], *, multiple: bool) -> EntitySelector:
    return EntitySelector(
        EntitySelectorConfig(
            filter=[{"domain": list(domains)}], exclude_entities=excluded, multiple=multiple
        )
    )


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
