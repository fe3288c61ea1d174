"""In which of Amazon's regions the accounts of this home are most likely registered."""

from homeassistant.core import HomeAssistant, callback


def _all_of(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


# A country that is named nowhere here is "eu": most of those shop at one of Amazon's in Europe.
ELSEWHERE = "eu"
COUNTRIES = {
    # The Americas, and what belongs to the United States: they shop at amazon.com, amazon.ca,
    # amazon.com.mx and amazon.com.br. France's departments there shop at amazon.fr.
    "na": _all_of(
        "AG AI AR AW BB BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GT GY HN HT JM KN KY LC"
        " MS MX NI PA PE PY SR SV SX TC TT US UY VC VE VG AS GU MP PR UM VI"
    ),
    # Those of amazon.co.jp, amazon.com.au and amazon.sg.
    "fe": _all_of("AU CC CX JP NF NZ SG"),
}
# By the first part of its name, unless all of it is below; what is in neither says nothing.
TIME_ZONE_AREAS = {
    "na": frozenset(("America", "US", "Canada", "Brazil", "Mexico", "Chile")),
    "fe": frozenset(("Australia", "Japan", "NZ", "Singapore")),
    "eu": frozenset(("Africa", "Europe")),
}
TIME_ZONES = {
    "na": frozenset(("Cuba", "Jamaica", "Pacific/Guam", "Pacific/Honolulu", "Pacific/Pago_Pago")),
    "fe": frozenset(("Asia/Singapore", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Chatham")),
    "eu": frozenset(
        (
            "America/Cayenne",
            "America/Danmarkshavn",
            "America/Godthab",
            "America/Guadeloupe",
            "America/Marigot",
            "America/Martinique",
            "America/Miquelon",
            "America/Nuuk",
            "America/Scoresbysund",
            "America/St_Barthelemy",
            "America/Thule",
        )
    ),
}
# Those that are spoken in one of the regions only; English, Spanish or French are not.
LANGUAGES = {"na": frozenset(("es-419", "pt-BR")), "fe": frozenset(("ja",))}


@callback
def home_region(hass: HomeAssistant) -> str:
    """Return the region of the home's country; where none is set, of its time zone or language."""
    config = hass.config
    if config.country:
        return _found(COUNTRIES, config.country) or ELSEWHERE
    return (
        _found(TIME_ZONES, config.time_zone)
        or _found(TIME_ZONE_AREAS, config.time_zone.partition("/")[0])
        or _found(LANGUAGES, config.language)
        or ELSEWHERE
    )


def _found(regions: dict[str, frozenset[str]], what: str) -> str | None:
    return next((region for region, members in regions.items() if what in members), None)
