"""Takes away what `create` made, and nothing else."""

from .aws import Aws
from .create import choose_vendor, find_skill
from .function import Function
from .progress import Patience, Progress
from .role import Role
from .settings import AWS_REGIONS, resource_name
from .smapi import SkillManagement


def destroy(
    name: str, vendor_id: str | None, smapi: SkillManagement, aws: Aws, progress: Progress
) -> None:
    """Delete skill, functions, logs and role of that name."""
    # First, so that nothing is deleted when AWS cannot be asked.
    aws.account()
    progress.step("The skill")
    skill_id = find_skill(smapi, choose_vendor(smapi, vendor_id), name)
    if skill_id is None:
        progress.note(f'there is no skill "{name}"')
    elif progress.change(f'delete the skill "{name}" ({skill_id})'):
        smapi.delete(skill_id)
    progress.step("AWS")
    resource = resource_name(name)
    for region in AWS_REGIONS:
        Function(aws, region, resource, progress, patience=Patience()).remove()
    Role(aws, resource, progress).remove()
    progress.finish()
