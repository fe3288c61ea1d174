"""The Alexa app of one Amazon account, as it links with a closed home."""

from dataclasses import dataclass, field
from typing import Any

from demo.amazon import messages
from demo.amazon.account import Account
from demo.amazon.simulation import SimulatedAmazon

from ..skill.closed_home.dynamodb import denied
from ..skill.closed_home.parts import AlexaApp, ClosedSkill


def lose_table(function: ClosedSkill) -> None:
    """Let the function have no table, until function.table.begin()."""
    function.table.begin(lambda _: denied)


@dataclass
class App:
    """Enables the skill: the linking page, then the grant, as Alexa does."""

    amazon: SimulatedAmazon
    function: ClosedSkill
    account: Account
    alexa: AlexaApp = field(init=False)

    def __post_init__(self) -> None:
        self.alexa = AlexaApp(self.function)

    async def enable(self, code: str) -> None:
        """Enable the skill with the code that Home Assistant shows."""
        await self.alexa.link(code)
        answer = await self.alexa.grant(self.amazon.login.new_code(self.account))
        assert messages.is_accept_grant_response(answer), answer
        self.amazon.enable(self.account)

    async def discovered(self) -> dict[str, Any]:
        """The doorbells that Alexa finds, by endpoint id."""
        found: dict[str, Any] = messages.discovered(await self.alexa.discover())
        self.account.endpoints.update(found)
        return found

    async def connectivity(self, endpoint_id: str) -> str:
        """How a doorbell is, by Alexa's question."""
        report = await self.alexa.report_state(endpoint_id)
        value: str = report["context"]["properties"][0]["value"]["value"]
        return value
