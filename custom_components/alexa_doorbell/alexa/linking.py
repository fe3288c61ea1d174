"""Makes an account of a grant that was traded for tokens, whichever way it came."""

from ..accounts.account import Account, Linker
from ..accounts.connection import Connection
from ..accounts.registry import Accounts
from ..client.gateway import region_of_lambda
from ..client.lwa import Tokens

NAMELESS = "Amazon account"


async def async_link(
    accounts: Accounts,
    connection: Connection,
    linker: Linker,
    tokens: Tokens,
    aws_region: str | None,
) -> None:
    """Return once the account's tokens are on disk; raise HomeAssistantError if they are not."""
    await accounts.async_link(
        Account.linked(
            linker=linker,
            region=_region(connection, aws_region),
            chosen_region=connection.chosen_region,
            tokens=tokens,
        ),
        instead_of=linker.instead_of,
    )


def _region(connection: Connection, aws_region: str | None) -> str:
    """Return the entry's region, or with `auto` that of the Lambda, which may be a guess."""
    for region in (connection.chosen_region, region_of_lambda(aws_region)):
        if region in connection.gateways:
            return str(region)
    return next(iter(connection.gateways))
