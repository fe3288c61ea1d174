"""Names that several modules share."""

from typing import Final

DOMAIN: Final = "alexa_doorbell"

# Of the config entry. The webhook id's own name is Home Assistant's CONF_WEBHOOK_ID.
CONF_FUNCTION_URL: Final = "function_url"
CONF_GATEWAY_URL: Final = "gateway_url"
CONF_HOME_ID: Final = "home_id"
CONF_HOME_SECRET: Final = "home_secret"  # noqa: S105 - a name.
CONF_LWA_URL: Final = "lwa_url"
CONF_PREVIOUS_SHARED_SECRET: Final = "previous_shared_secret"  # noqa: S105 - a name.
CONF_PREVIOUS_SHARED_SECRET_ENDS: Final = "previous_shared_secret_ends"  # noqa: S105 - a name.
CONF_SHARED_SECRET: Final = "shared_secret"  # noqa: S105 - a name.

REGION_AUTO: Final = "auto"
REGION_CUSTOM: Final = "custom"
REGIONS: Final = (REGION_AUTO, "na", "eu", "fe", REGION_CUSTOM)

# On Home Assistant's bus, from the event entity, each time that an announcement has ended.
EVENT_ANNOUNCEMENT: Final = f"{DOMAIN}_announcement"

# Likewise, each time that a door was shown on an Echo.
EVENT_SHOWN: Final = f"{DOMAIN}_shown"

# Of the account subentry, whose data is Home Assistant's CONF_NAME.
SUBENTRY_ACCOUNT: Final = "account"

# Of the doorbell subentry.
SUBENTRY_DOORBELL: Final = "doorbell"
CONF_ANNOUNCEMENTS: Final = "announcements"
CONF_ATTRIBUTE: Final = "attribute"
CONF_ATTRIBUTE_VALUES: Final = "attribute_values"
CONF_CAMERA: Final = "camera"
CONF_COOLDOWN: Final = "cooldown"
CONF_EVENT_TYPES: Final = "event_types"
CONF_FRIENDLY_NAME: Final = "friendly_name"
CONF_MAX_AGE: Final = "max_age"
CONF_RINGS_ON_RETURN: Final = "rings_on_return"
CONF_RINGS_WHEN: Final = "rings_when"
CONF_STATES: Final = "states"
CONF_TALK: Final = "talk"
CONF_WARM_UP: Final = "warm_up"

# Which change of a two-state entity is a press: into a state, or every change.
RINGS_WHEN_ON: Final = "on"
RINGS_WHEN_OFF: Final = "off"
RINGS_WHEN_CHANGE: Final = "change"
RINGS_WHEN: Final = (RINGS_WHEN_ON, RINGS_WHEN_OFF, RINGS_WHEN_CHANGE)

# Which of an entity's events or states ring.
CHOICES: Final = (CONF_EVENT_TYPES, CONF_STATES)
# In seconds, shortest and longest.
LIMITS: Final = {CONF_COOLDOWN: (0, 300), CONF_MAX_AGE: (5, 120)}
DEFAULT_COOLDOWN: Final = 5
DEFAULT_MAX_AGE: Final = 30
