"""In which region the accounts of a home are, as far as the home lets on."""

from importlib import resources

from homeassistant.core import HomeAssistant
from homeassistant.generated.countries import COUNTRIES
import pytest

from custom_components.alexa_doorbell.alexa.home_region import COUNTRIES as NAMED, home_region

BY_COUNTRY = {
    "na": ["US", "CA", "MX", "BR", "PR", "AR", "CL", "CO", "PE", "UY", "CR", "DO", "JM", "GU"],
    "eu": ["DE", "GB", "IN", "AE", "SA", "TR", "EG", "ZA", "NL", "SE", "PL", "GP", "GF", "GL"],
    "fe": ["JP", "AU", "NZ", "SG"],
}


def cases(regions: dict[str, list[str]]) -> list[tuple[str, str]]:
    """What is set, and the region that follows."""
    return [(each, region) for region, members in regions.items() for each in members]


@pytest.mark.parametrize(("country", "region"), cases(BY_COUNTRY))
async def test_the_country_says_the_region(hass: HomeAssistant, country: str, region: str) -> None:
    await hass.config.async_update(country=country, time_zone="Asia/Tokyo", language="pt-BR")

    assert home_region(hass) == region


@pytest.mark.parametrize(
    ("time_zone", "region"),
    cases(
        {
            "na": ["America/New_York", "America/Argentina/Salta", "US/Hawaii", "Pacific/Honolulu"],
            "eu": ["Europe/Berlin", "Africa/Cairo", "America/Nuuk", "America/Cayenne"],
            "fe": ["Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland"],
        }
    ),
)
async def test_without_a_country_the_time_zone_says_it(
    hass: HomeAssistant, time_zone: str, region: str
) -> None:
    await hass.config.async_update(country=None, time_zone=time_zone, language="en")

    assert home_region(hass) == region


@pytest.mark.parametrize(
    ("language", "region"),
    cases({"na": ["pt-BR", "es-419"], "eu": ["en", "es", "pt", "fr", "de"], "fe": ["ja"]}),
)
async def test_without_either_a_language_of_one_region_says_it(
    hass: HomeAssistant, language: str, region: str
) -> None:
    await hass.config.async_update(country=None, time_zone="UTC", language=language)

    assert home_region(hass) == region


async def test_country_and_time_zone_never_disagree(hass: HomeAssistant) -> None:
    lines = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    zones = [line.split("\t") for line in lines if not line.startswith("#")]
    sure = 0
    for country, _, time_zone, *_ in zones:
        await hass.config.async_update(country=None, time_zone=time_zone, language="en")
        by_time_zone = home_region(hass)
        await hass.config.async_update(country=country)
        by_country = home_region(hass)
        if by_time_zone != by_country:
            assert not time_zone.startswith(("America/", "Europe/", "Africa/", "Australia/"))
            assert by_time_zone == "eu", (
                time_zone
            )  # It says nothing, which is what "eu" stands for.
        sure += by_country != "eu"
    assert sure > 150


def test_every_country_that_is_named_is_one() -> None:
    named = [each for members in NAMED.values() for each in members]
    assert set(named) <= COUNTRIES
    assert len(named) == len(set(named))
