"""A skill's manifest, and what Amazon's schema refuses in one."""

from collections.abc import Mapping
import json
import re
from typing import Any

REGIONS = {"NA", "EU", "FE"}


def locales(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return its texts, by locale."""
    found: dict[str, Any] = manifest["publishingInformation"]["locales"]
    return found


def endpoints(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the ARN by region; the default one under its own name."""
    smart_home = manifest["apis"]["smartHome"]
    found = {"default": smart_home["endpoint"]["uri"]} if "endpoint" in smart_home else {}
    for region, content in smart_home.get("regions", {}).items():
        found[region] = content["endpoint"]["uri"]
    return found


def problem(manifest: Mapping[str, Any]) -> str | None:
    """Return Amazon's word against it."""
    smart_home = manifest["apis"]["smartHome"]
    if manifest.get("manifestVersion") != "1.0":
        return "manifestVersion must be 1.0"
    if manifest["publishingInformation"].get("category") != "SMART_HOME":
        return "The category does not fit the API"
    if smart_home.get("protocolVersion") not in {"3", "3.0"}:
        return "protocolVersion must be 3"
    if not smart_home.get("regions", {}).keys() <= REGIONS:
        return "There is no such region"
    if "file://" in json.dumps(manifest):
        return "An icon must be an https address"
    return _problem_of_texts(locales(manifest))


def _problem_of_texts(locales: Mapping[str, Any]) -> str | None:
    for locale, texts in locales.items():
        if not re.fullmatch(r"[a-z]{2}-[A-Z]{2}", locale):
            return f"There is no locale {locale}"
        if not 2 <= len(texts.get("name", "")) <= 50:  # noqa: PLR2004 - Amazon's limits.
            return "A name has 2 to 50 characters"
        if not 0 < len(texts.get("summary", "")) <= 160:  # noqa: PLR2004 - As above.
            return "A summary has at most 160 characters"
    return None
