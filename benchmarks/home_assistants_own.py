"""A home with Home Assistant's own Alexa smart home."""

import gc
from typing import override

from homeassistant.components.alexa.smart_home import AlexaConfig

from .home import CONFIGURATION, Home


class HomeAssistantsOwn(Home):
    """Set up in YAML with its doorbells alone, and linked over its own HTTP API."""

    _config: AlexaConfig

    @override
    async def start(self) -> None:
        await super().start()
        [self._config] = [thing for thing in gc.get_objects() if isinstance(thing, AlexaConfig)]

    @property
    @override
    def configuration(self) -> str:
        client_id, client_secret = self.credentials
        lines = [
            CONFIGURATION + "alexa:",
            "  smart_home:",
            "    endpoint: https://api.eu.amazonalexa.com/v3/events",
            f"    client_id: {client_id}",
            f"    client_secret: {client_secret}",
            "    filter:",
            "      include_entities:",
            *(f"        - {entity_id}" for entity_id in self.doorbells),
            "    entity_config:",
        ]
        for entity_id in self.doorbells:
            lines += [f"      {entity_id}:", "        display_categories: DOORBELL"]
        return "\n".join(lines)

    async def smart_home(self) -> tuple[str, str]:
        """What its Lambda function knows: the address, and a token of the account linking."""
        [owner] = [user for user in await self.hass.auth.async_get_users() if user.is_owner]
        token = await self.hass.auth.async_create_refresh_token(owner, client_id=self.url)
        return self.url, self.hass.auth.async_create_access_token(token)

    async def unload(self) -> None:
        """Let it follow states no longer."""
        await self._config.async_disable_proactive_mode()

    async def load(self) -> None:
        """Let it follow states."""
        await self._config.async_enable_proactive_mode()

    def foretell(self) -> None:
        """It knows of nothing that foretells a press."""
