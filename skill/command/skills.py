"""Which developer account and which skill: found, and looked at before anything is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .causes import failure
from .package import is_linked_as, is_ours
from .settings import resource_name
from .smapi import SkillManagement


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorId:
    """A developer account: the one that was asked for, and the one that the login remembers."""

    wanted: str | None
    remembered: str | None


def choose_vendor(smapi: SkillManagement, vendor_id: VendorId) -> str:
    """The developer account to use."""
    vendor_ids = smapi.vendor_ids()
    if not vendor_ids:
        raise failure("no_developer")
    if vendor_id.wanted is not None and vendor_id.wanted not in vendor_ids:
        vendors = ", ".join(vendor_ids)
        raise failure("other_developer", vendor=vendor_id.wanted, vendors=vendors)
    # What was remembered may be gone.
    for one in (vendor_id.wanted, vendor_id.remembered):
        if one in vendor_ids:
            return str(one)
    if len(vendor_ids) == 1:
        return vendor_ids[0]
    raise failure("which_developer", vendors=", ".join(vendor_ids))


def find_skill(smapi: SkillManagement, vendor_id: str, name: str) -> str | None:
    """The skill of that name that this command has made; None when there is no skill of it."""
    for summary in smapi.skills(vendor_id):
        if name not in _names(summary):
            continue
        skill_id = str(summary["skillId"])
        smapi.settle(skill_id)
        found = smapi.manifest(skill_id)
        if found is not None and is_ours(found[0]):
            return skill_id
        raise failure("skill_made_by_hand", name=name, skill=skill_id)
    return None


def alike(smapi: SkillManagement, vendor_id: str, name: str) -> list[str]:
    """Names of skills that AWS's letters cannot tell from that one."""
    names = {one for summary in smapi.skills(vendor_id) for one in _names(summary)}
    resource = resource_name(name)
    return sorted(one for one in names - {name} if resource_name(one) == resource)


def check_serves_nothing_else(
    smapi: SkillManagement,
    skill_id: str,
    wanted_linking: Mapping[str, Any] | None,
    ours: set[str],
) -> None:
    """Raise unless a skill made by hand is free, or serves these functions of ours already."""
    found = smapi.manifest(skill_id)
    if found is None:
        raise failure("no_skill", skill=skill_id)
    endpoints = _endpoints(found[0])
    if endpoints & ours:
        return
    linking = smapi.account_linking(skill_id)
    what = []
    if endpoints:
        what.append("it has an endpoint (" + ", ".join(sorted(map(_short, endpoints))) + ")")
    is_ours = wanted_linking is not None and is_linked_as(linking, wanted_linking)
    if linking is not None and not is_ours:
        what.append("it links accounts in another way")
    if what:
        raise failure("skill_serves_others", skill=skill_id, what=", and ".join(what))


def _names(summary: Mapping[str, Any]) -> set[str]:
    return set((summary.get("nameByLocale") or {}).values())


def _endpoints(manifest: Mapping[str, Any]) -> set[str]:
    smart_home = (manifest.get("apis") or {}).get("smartHome") or {}
    places = [smart_home, *(smart_home.get("regions") or {}).values()]
    uris = {(place.get("endpoint") or {}).get("uri") for place in places}
    return {str(uri) for uri in uris if uri}


def _short(uri: str) -> str:
    """The function's name, without the account that it is in."""
    return uri.rpartition(":")[2]
