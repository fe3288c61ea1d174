"""What keeps Home Assistant from hearing the skill: rows of the table of causes.

The keys are those of the function's own table; what only the two looks together can tell, that of
this computer and that of the function, is in `ONLY_FROM_HERE`.
"""

from .errors import LATER, Cause

NEW_ADDRESS = (
    "Reconfigure, in the menu of Alexa Doorbell in Home Assistant, shows the webhook address and "
    "the shared secret: give these. If the integration is not set up there yet, add it again, and "
    "copy the command it shows."
)
PROXY = (
    "Let POST requests to /api/webhook/ through without a login or a check, and to /auth/ too, "
    "where Amazon asks who links. Then run the command again."
)

HOME: dict[str, Cause] = {
    # What was given
    "no_address": Cause("The webhook address is not the address of a webhook.", NEW_ADDRESS),
    "no_secret": Cause("The shared secret is not one of Home Assistant's.", NEW_ADDRESS),
    "not_safe": Cause("The webhook address must begin with https.", NEW_ADDRESS),
    # What Home Assistant itself said
    "signature": Cause("Home Assistant refuses the shared secret: it has another.", NEW_ADDRESS),
    "signature_or_clock": Cause(
        "Home Assistant refuses what is signed with this shared secret: it has another, or its "
        "clock is more than 5 minutes off.",
        f"Look at the clock of the computer that it runs on. If that is right: {NEW_ADDRESS}",
    ),
    "clock": Cause(
        "The clock of the computer that Home Assistant runs on {difference}, so it refuses "
        "whatever is signed.",
        "Set that clock right: that computer has to reach a time server. Then run the command "
        "again.",
    ),
    "unknown_webhook": Cause("Home Assistant does not know the webhook address.", NEW_ADDRESS),
    "malformed": Cause(
        "The integration Alexa Doorbell in Home Assistant is older than this command: it does not "
        "know the question whether it listens.",
        "Update it (HACS > Alexa Doorbell), restart Home Assistant, and run the command again.",
    ),
    "not_taken": Cause(
        "Home Assistant did not take the skill's credentials: {message}.",
        "Run the command again while Home Assistant shows that it waits for it.",
    ),
    "untrusted_proxy": Cause(
        "Home Assistant refuses what comes through a proxy that it does not trust.",
        "Name the proxy under `http:` in configuration.yaml (`use_x_forwarded_for: true`, and its "
        "address in `trusted_proxies`), restart Home Assistant, and run the command again.",
    ),
    "banned": Cause(
        "Home Assistant has banned the address that the request came from.",
        "Delete that address from ip_bans.yaml, beside configuration.yaml, and restart Home "
        "Assistant. If it is your proxy's, Home Assistant takes all visitors for one: set "
        "`use_x_forwarded_for` and `trusted_proxies` under `http:`.",
    ),
    # What something before Home Assistant said
    "asks_for_login": Cause(
        "Something before Home Assistant asks for a login of its own (status {status}).", PROXY
    ),
    "redirected": Cause(
        "Something before Home Assistant sends the function to another address (status {status}): "
        "a login page, or Home Assistant has a new address.",
        f"{PROXY} If the address is new, correct it in Home Assistant (Settings > System > "
        "Network), and copy the command anew.",
    ),
    "bot_check": Cause(
        "Cloudflare takes the function for a robot, and turns it away (status {status}).",
        "In Cloudflare, switch Bot Fight Mode off, or make a rule that skips it for requests to "
        "/api/webhook/. Then run the command again.",
    ),
    "refused": Cause(
        "Something before Home Assistant refused the request (status {status}): a proxy, a "
        "firewall or a filter by country.",
        f"AWS must be let in, too. {PROXY}",
    ),
    "rate_limited": Cause(
        "Something before Home Assistant allows no more requests (status 429).",
        "Run the command again in a few minutes. If it stays so, allow more there.",
    ),
    "away": Cause(
        "A proxy or tunnel answers in Home Assistant's place: it does not reach it (status "
        "{status}).",
        "Look whether Home Assistant runs, and whether the proxy or tunnel has its right address "
        "and port. Then run the command again.",
    ),
    "server_error": Cause(
        "Home Assistant, or a proxy before it, has a fault (status {status}).",
        "Look into Home Assistant's log, and the proxy's. Then run the command again.",
    ),
    "not_found": Cause(
        "At the webhook address there is a web server, but not Home Assistant (status 404).",
        f"Does the proxy send /api/webhook/ to Home Assistant? If so: {NEW_ADDRESS}",
    ),
    "not_home_assistant": Cause(
        "What answers at the webhook address is not Home Assistant.",
        f"Is it the router's own page, or a provider's? Then port 443 leads to the wrong place. "
        f"If not: {NEW_ADDRESS}",
    ),
    "too_large": Cause(
        "Something before Home Assistant takes only smaller messages.",
        "Allow 64 kB there, then run the command again.",
    ),
    "answer_too_large": Cause(
        "What answers at the webhook address is not Home Assistant: it says too much.", NEW_ADDRESS
    ),
    # The way there
    "unknown_name": Cause(
        "There is no host of the name in the webhook address.",
        "Look for a mistake in Home Assistant's address (Settings > System > Network), or in your "
        "dynamic DNS. A new name needs up to an hour. Then run the command again.",
    ),
    "ipv6_only": Cause(
        "The webhook address leads to IPv6 only, and AWS Lambda speaks IPv4 only.",
        "Get an address with IPv4 too: from your provider, or through a tunnel or Nabu Casa, "
        "which need none at home. Then give Home Assistant the new address.",
    ),
    "private_address": Cause(
        "The webhook address leads to an address that only your home knows.",
        "Home Assistant needs an address that the internet reaches (Settings > System > Network): "
        "your own name with dynamic DNS, a tunnel, or Nabu Casa.",
    ),
    "nothing_listens": Cause(
        "Nothing listens at the webhook address.",
        "Look whether Home Assistant runs, and whether the router forwards port 443 to it. Then "
        "run the command again.",
    ),
    "not_reached": Cause(
        "Nothing answers at the webhook address.",
        "Look whether the router forwards port 443 to Home Assistant, and whether your provider "
        "lets connections in at all (many share one address among customers: then it takes a "
        "tunnel or Nabu Casa). Then run the command again.",
    ),
    "certificate": Cause(
        "Home Assistant's certificate is not good: {reason}.",
        "It must be one that browsers trust, for the name in the address, not ended, and sent "
        "with all that lie between (fullchain.pem). A self-signed one will not do. Then run the "
        "command again.",
    ),
    "not_https": Cause(
        "What answers at the webhook address does not speak https.",
        "Look where the router forwards port 443 to: that has to speak https. Then run the "
        "command again.",
    ),
    "handshake": Cause(
        "What answers at the webhook address speaks https, but not with this guest: it does not "
        "know the host name, or wants a certificate of the guest's own.",
        "Look whether the proxy knows the host name. A client certificate (mutual TLS) cannot be "
        "had by the function: make an exception for /api/webhook/.",
    ),
    "not_http": Cause(
        "What answers at the webhook address is no web server.",
        "Look where the router forwards port 443 to. Then run the command again.",
    ),
    "too_late": Cause("Home Assistant does not answer in time.", LATER),
    "broke_off": Cause("The connection to Home Assistant broke.", LATER),
    "function_unexpected": Cause(
        "The function met something that it does not know ({kind}).",
        "Run the command again with --report FILE, and attach the file to an issue at "
        "https://github.com/alexa-doorbell/alexa-doorbell/issues.",
    ),
    # What only both looks together tell
    "only_home_reaches": Cause(
        "Your own network reaches Home Assistant, but AWS does not: {message}.",
        "At home the address may lead straight to it. From outside it has to as well: look "
        "whether the router forwards port 443, whether your provider lets connections in (many "
        "share one address among customers: then it takes a tunnel or Nabu Casa), and whether a "
        "filter by country keeps AWS out.",
    ),
    "only_home_knows_name": Cause(
        "Only your own network knows the host name in the webhook address: AWS does not find it.",
        "Enter the name in the public DNS (dynamic DNS), or give Home Assistant another address "
        "(Settings > System > Network). A new name needs up to an hour.",
    ),
    "only_here_trusted": Cause(
        "This computer trusts Home Assistant's certificate, but AWS, and Amazon, do not: {reason}.",
        "It must be one that browsers trust everywhere, sent with all that lie between "
        "(fullchain.pem): one of an authority of your own will not do.",
    ),
    "only_aws_refused": Cause(
        "This computer is let in, but AWS is not (status {status}): a firewall, a filter by "
        "country or a check for robots before Home Assistant.",
        f"AWS must be let in, too. {PROXY}",
    ),
}

# The function's cause, when this computer reaches Home Assistant: what that means.
ONLY_FROM_HERE = {
    "not_reached": "only_home_reaches",
    "nothing_listens": "only_home_reaches",
    "not_found": "only_home_reaches",
    "not_home_assistant": "only_home_reaches",
    "not_https": "only_home_reaches",
    "not_http": "only_home_reaches",
    "unknown_name": "only_home_knows_name",
    "certificate": "only_here_trusted",
    "refused": "only_aws_refused",
}
# What Home Assistant, or the address itself, says is so from everywhere.
FINAL = {
    *("no_address", "no_secret", "not_safe", "signature", "signature_or_clock", "clock"),
    *("unknown_webhook", "malformed"),
}
# What passes by itself, or may.
PASSING = {"not_reached", "too_late", "broke_off", "away", "server_error", "rate_limited"}
