"""Why the command can stop: what happened, whose word that is, and what to do now.

All of it is data, so that a new refusal is a new row. docs/skill.md has each of them.
"""

from .causes_aws import AWS
from .causes_closed import CLOSED
from .causes_home import HOME
from .causes_login import LOGIN
from .errors import LATER, Cause, CommandError

CAUSES: dict[str, Cause] = {
    # What was asked for
    "secret_missing": Cause(
        "There is no shared secret.",
        "Copy it from the window in Home Assistant, and paste it when you are asked. Where nobody "
        "can be asked, put it into the variable ALEXA_DOORBELL_SECRET.",
    ),
    "secret_not_entered": Cause(
        "Nothing was entered.",
        "Paste the shared secret, then press Enter. You see nothing of it while you paste.",
    ),
    "secret_not_pasted": Cause(
        "Nothing was pasted: the terminal took the keys for letters.",
        "Paste with the right mouse button, or with Ctrl+Shift+V.",
    ),
    "secret_is_address": Cause(
        "That is an address, not the shared secret.",
        "Home Assistant shows the secret below the line. It begins with whsec_.",
    ),
    "secret_is_command": Cause(
        "That is the line, not the shared secret.",
        "Home Assistant shows the secret below the line. It begins with whsec_.",
    ),
    "secret_is_credential": Cause(
        "That is one of Amazon's secrets, not the shared secret.",
        "Home Assistant shows the secret below the line. It begins with whsec_.",
    ),
    "secret_is_something_else": Cause(
        "That is not the shared secret: it begins with whsec_.",
        "Copy all of the secret that Home Assistant shows below the line. It begins with whsec_.",
    ),
    "git_bash": Cause(
        "In this window (Git Bash, MSYS2) the secret could be read by others while you paste it.",
        "Run the command in Windows PowerShell. Or put winpty before it. Or put the secret into "
        "the variable ALEXA_DOORBELL_SECRET first.",
    ),
    "half_security_profile": Cause(
        "Login with Amazon needs a security profile.",
        "Put its client id and secret into LWA_CLIENT_ID and LWA_CLIENT_SECRET.",
    ),
    "cloudhook_login": Cause(
        "A cloudhook is not where one can log in to Home Assistant.",
        "Give the address of its remote access with --home-assistant-url: "
        "https://....ui.nabu.casa.",
    ),
    "login_unsafe": Cause(
        "Home Assistant's address is not safe.",
        "It must begin with https:// and have a host name that there can be.",
    ),
    "login_port": Cause(
        "Amazon links accounts only by https on port 443.",
        "Give an address of Home Assistant without a port with --home-assistant-url.",
    ),
    "unsafe_address": Cause("An address is not safe.", "It must begin with https://."),
    "smapi_unsafe": Cause("ASK_SMAPI_SERVER_BASE_URL is not safe.", "It must begin with https://."),
    "nobody_says_yes": Cause("Nobody is there to say yes.", "Add --yes if you mean it."),
    "nothing_deleted": Cause("Nothing was deleted.", "Answer y if you mean it."),
    "report_unwritable": Cause(
        "The report cannot be written: {why}.", "Give another file with --report."
    ),
    "fault": Cause(
        "This is a fault of the command itself: {kind} in {place}.",
        "Run it again with --report FILE, look through the file, and attach it to an issue at "
        "https://github.com/alexa-doorbell/alexa-doorbell/issues.",
    ),
    # What this computer cannot do
    "no_certificates": Cause(
        "This computer has no list of certificates that it trusts, so it trusts nobody: not "
        "{host} either.",
        "Install it (on Debian and Ubuntu the package ca-certificates), or run the command in AWS "
        "CloudShell.",
    ),
    "resigned": Cause(
        "Something on this computer's way to the internet answers in the place of {host}, with a "
        "certificate of its own ({why}): often a company's proxy, or an antivirus.",
        "Use another network, or AWS CloudShell. Or put the file with that proxy's certificate "
        "into the variables SSL_CERT_FILE and AWS_CA_BUNDLE.",
    ),
    "certificate_time": Cause(
        "By this computer's clock, the certificate of {host} is not valid ({why}).",
        "Set this computer's clock right, then run the command again.",
    ),
    # Amazon's developer account and its skill management
    "no_developer": Cause(
        "This Amazon account is no developer's yet.",
        "Open https://developer.amazon.com once, log in and accept the terms: it is free.",
    ),
    "other_developer": Cause(
        "The developer account {vendor} is none of this login's: {vendors}.",
        "Give another one with --vendor-id, or the login that it belongs to with --ask-profile.",
    ),
    "which_developer": Cause(
        "It is not clear which developer account to use: {vendors}.", "Say which with --vendor-id."
    ),
    "smapi_unreachable": Cause(
        "Amazon's skill management cannot be reached: {said}.",
        "Look whether this computer is online, and whether a filter (Pi-hole, for example) holds "
        "api.amazonalexa.com back. Then run the command again.",
    ),
    "smapi_busy": Cause(
        "Amazon's skill management wants fewer requests: {said}.",
        "Run the command again later: it goes on where it stopped.",
    ),
    "smapi_broken": Cause(
        "Amazon's skill management has a fault of its own: {said}.",
        "Run the command again later: it goes on where it stopped.",
    ),
    "smapi_login": Cause(
        "Amazon's skill management does not accept the login: {said}.",
        "Log in again (`npx ask-cli@2 configure --no-browser`, with the Amazon account that your "
        "Echos belong to), then run the command again.",
    ),
    "smapi_forbidden": Cause(
        "This login may not do that, says Amazon's skill management: {said}.",
        "Log in with the Amazon account that owns the developer account, or have it make yours an "
        "administrator (developer.amazon.com, Settings > User permissions). With several "
        "developer accounts, say which with --vendor-id.",
    ),
    "smapi_conflict": Cause(
        "Amazon's skill management is at work on the skill: {said}.",
        "Somebody else is changing the skill, or Amazon still builds it. Run the command again in "
        "a minute.",
    ),
    "smapi_refused": Cause(
        "Amazon's skill management refused: {said}.",
        "Change what Amazon names, and run the command again. If it stays so, run it with "
        "--report FILE, and attach the file to an issue.",
    ),
    "build_failed": Cause(
        "Amazon could not build the skill: {said}",
        "Change what Amazon names, then run the command again. docs/skill.md explains what Amazon "
        "means.",
    ),
    "build_late": Cause("Amazon has not built the skill within {limit} s.", LATER),
    "trigger_unseen": Cause("Amazon does not take the function: {said}", LATER),
    "no_messaging_pair": Cause(
        "Amazon has no Alexa Skill Messaging credentials for the skill yet.",
        "Run the command again in a minute.",
    ),
    "no_skill": Cause("There is no skill {skill}.", "Look for its id in the developer console."),
    "skill_made_by_hand": Cause(
        'There is a skill "{name}" already ({skill}) that this command has not made.',
        "Use it with --skill-id {skill}, or choose another name with --name.",
    ),
    "skill_serves_others": Cause(
        "The skill {skill} serves something else by now: {what}. With this command it would "
        "serve doorbells only, and whatever it brought to Alexa until now would stop working.",
        "Leave it as it is, and let the command make a skill of its own (without --skill-id): "
        "both work side by side. A skill of haaska's, or of Home Assistant's own Alexa "
        "integration (`alexa:`), is one to leave. If you do not need what it brings any more, "
        "add --replace.",
    ),
    # The function and its role
    "not_ours": Cause(
        "There is a {what} already that this command has not made.",
        "Choose another name with --name, or give it the tag {tag}.",
    ),
    "names_alike": Cause(
        "The {where} belongs to another skill ({skill}): in AWS's letters both have one name.",
        "Give this skill a name that differs in more than capitals and signs with --name. If you "
        "do not need the other skill any more, use its function with --take-over.",
    ),
    "serves_another": Cause(
        "The {where} serves another Alexa Doorbell.",
        "If it is this very one, give the webhook address that Reconfigure shows in Home "
        "Assistant. If it is another, give this skill a name of its own with --name. Or, if the "
        "other one is gone, use its function with --take-over.",
    ),
    "role_unknown": Cause("AWS does not let the function use its role: {said}", LATER),
    "function_busy": Cause("AWS is still busy with the {where}.", LATER),
    "function_locked_out": Cause(
        "AWS does not let the function read its own variables: {said}", LATER
    ),
    "function_died": Cause(
        "The {where} ended without an answer: {said}.",
        "Its log in CloudWatch says more (/aws/lambda/ and its name). Run the command again: it "
        "puts its code right.",
    ),
    "belongs_to_another": Cause(
        "The {what} belongs to another skill ({skill}).",
        "Give that skill's name with --name, if it is the one to delete.",
    ),
    "stayed": Cause(
        "Not everything was deleted. What stayed: {what}.",
        "Read above why. Run the command again when you may, or delete the rest in the AWS "
        "console.",
    ),
}
CAUSES |= HOME | AWS | LOGIN | CLOSED


def failure(cause: str, **facts: str) -> CommandError:
    """The error to raise, in the words of the table."""
    row = CAUSES[cause]
    return CommandError(row.what.format(**facts), row.advice.format(**facts), cause)
