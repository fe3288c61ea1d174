"""Says why nobody heard a press that an automation or a person asked for."""

from collections.abc import Mapping, Sequence

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from .press import Outcome, Result

HEARD_OR_MEANT_SO = {Result.ACCEPTED, Result.MUTED}


@callback
def raise_if_unheard(skill: str, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    """Raise HomeAssistantError if no account took any of the presses, and none is muted.

    The outcomes are those of each doorbell that is not muted, by its name.
    """
    told = [outcome for each in outcomes.values() for outcome in each]
    if not outcomes or any(outcome.result in HEARD_OR_MEANT_SO for outcome in told):
        return
    if not told:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="nobody_linked",
            translation_placeholders={"skill": skill},
        )
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="nobody_heard",
        translation_placeholders={
            "doorbell": ", ".join(outcomes),
            "reason": ", ".join(dict.fromkeys(map(_reason, told))),
        },
    )


def _reason(outcome: Outcome) -> str:
    answer = f"{outcome.status or ''} {outcome.code or ''}".strip()
    return f"{outcome.name}: {answer or outcome.result}"
