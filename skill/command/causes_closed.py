"""What keeps the skill of a closed home from being made: rows of the table of causes."""

from .errors import AGAIN, LATER, Cause

CLOSED: dict[str, Cause] = {
    "closed_with": Cause(
        "With --closed, nothing reaches your home, so {options} has no meaning.",
        "Leave that out. Or leave --closed out, and give the webhook address with --webhook-url.",
    ),
    "serves_webhook": Cause(
        "The {where} hands on to a Home Assistant's webhook until now. With --closed, that would "
        "end.",
        "If it is another Home Assistant, give this skill a name of its own with --name. If it is "
        "this one, and shall have nothing open any more, add --take-over; then every account has "
        "to be linked again in the Alexa app.",
    ),
    "serves_closed_home": Cause(
        "The {where} serves homes that have nothing open until now. With a webhook, that would "
        "end.",
        "If it is another Home Assistant, give this skill a name of its own with --name. If it is "
        "this one, and shall be reached by its webhook, add --take-over; then every account has "
        "to be linked again in the Alexa app.",
    ),
    "table_of_another_shape": Cause(
        "The {where} has other keys than this command gives it.",
        "Give this skill another name with --name. Or delete the table in the AWS console "
        "(DynamoDB), if nobody needs what is in it, and run the command again.",
    ),
    "table_busy": Cause("AWS is still busy with the {where}.", LATER),
    "table_changed_meanwhile": Cause(
        "Somebody else is changing what the function has to know.",
        f"Let only one run of this command go on at a time. {AGAIN}",
    ),
    "table_unanswered": Cause(
        "The function answers, but not its table: {said}",
        f"AWS may need a minute until it knows what the function's role may do. {LATER}",
    ),
    "address_forbidden": Cause(
        "AWS lets nobody ask the function's address ({said}).",
        "AWS may need a minute until it knows what was allowed: run the command again then. If it "
        "stays so, the account, or the organisation that it belongs to, forbids addresses that "
        "are open to everybody: use an AWS account of your own.",
    ),
    "address_busy": Cause(
        "AWS lets the function do no more at the same time ({said}).",
        "A new AWS account may run only a few functions at once. " + LATER,
    ),
    "address_died": Cause(
        "The function ended without an answer ({said}).",
        "Its log in CloudWatch says more (/aws/lambda/ and its name). Run the command again: it "
        "puts its code right.",
    ),
    "address_not_reached": Cause(
        "The function's address is not reached from here: {said}.",
        "AWS may need a minute until the name of a new address is known. If it stays so, look "
        "whether a filter (Pi-hole, for example) or a VPN holds on.aws back: Home Assistant has "
        "to reach it too.",
    ),
    "address_unexpected": Cause(
        "What answers at the function's address is not the function ({said}).",
        "Look whether a proxy or the login page of a Wi-Fi answers in its place. Run the command "
        "again; if it stays so, run it with --report FILE, and attach the file to an issue.",
    ),
}
