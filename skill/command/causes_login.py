"""What the login for Amazon's skill management can lack: rows of the table of causes."""

from .errors import Cause

LOG_IN = (
    "Log in with Amazon's own program (`npx ask-cli@2 configure --no-browser --profile {profile}`, "
    "with the Amazon account that your Echos belong to), then run the command again. In a terminal "
    "the command starts it by itself."
)
SHELL = (
    "Run the line in AWS CloudShell, which has Node.js. Or install Node.js {needed} or newer "
    "(https://nodejs.org) here, and run the command again."
)
ANOTHER = (
    "Make a new one with that security profile (`npx ask-cli@2 util generate-lwa-tokens`). Or take "
    "ASK_REFRESH_TOKEN out of the environment: then the ASK CLI's login is used."
)

LOGIN = {
    # The ASK CLI's login
    "login_missing": Cause(
        "There is no login for Amazon's skill management, and nobody here to log in.",
        f"{LOG_IN} Or put a refresh token of Login with Amazon into ASK_REFRESH_TOKEN, and the "
        "security profile that it was made with into ASK_LWA_CLIENT_ID and "
        "ASK_LWA_CLIENT_CONFIRMATION.",
    ),
    "login_elsewhere": Cause(
        "The ASK CLI has stored no login under the profile {profile}, only under {others}.",
        "Say which it is with --ask-profile.",
    ),
    "login_ended": Cause(
        "The login for Amazon's skill management has ended (profile {profile} of the ASK CLI).",
        LOG_IN,
    ),
    "login_unreadable": Cause(
        "The ASK CLI's logins in {path} cannot be read: {why}.",
        "Make the file yours again. Or rename it, and run the command again: then you log in anew.",
    ),
    "login_broken": Cause(
        "The ASK CLI's logins in {path} are not what the ASK CLI writes: they are no JSON.",
        "Rename the file, and run the command again: then you log in anew.",
    ),
    "login_marked": Cause(
        "The ASK CLI cannot read its own file {path}: an editor has put a byte order mark before "
        "it.",
        "Save it as UTF-8 without a byte order mark. Or rename it, and run the command again: then "
        "you log in anew.",
    ),
    # The ASK CLI itself
    "ask_cli_missing": Cause(
        "The login for Amazon's skill management is up to Amazon's own program, the ASK CLI. It "
        "needs Node.js, which is not here.",
        SHELL,
    ),
    "node_too_old": Cause(
        "The ASK CLI ended without a login. The Node.js here is {version}, and the ASK CLI needs "
        "{needed} or newer.",
        SHELL,
    ),
    "ask_cli_not_started": Cause(
        "The ASK CLI ({program}) cannot be started: {why}.",
        "Install it anew (`npm install --global ask-cli`), or remove it: with Node.js the command "
        "fetches it by itself.",
    ),
    "login_not_made": Cause(
        "The ASK CLI ended without a login (its exit status is {status}). What it says is above.",
        "Run the command again. A code is good once, and for some minutes only: copy the new one "
        "whole.",
    ),
    # Tokens in the environment
    "refresh_token_alone": Cause(
        "ASK_REFRESH_TOKEN alone is not enough.",
        "Put the security profile that it was made with into ASK_LWA_CLIENT_ID and "
        "ASK_LWA_CLIENT_CONFIRMATION. Or take ASK_REFRESH_TOKEN out of the environment: then the "
        "ASK CLI's login is used.",
    ),
    "refresh_token_ended": Cause(
        "Login with Amazon refused the refresh token ({code}): it has ended, or is of another "
        "security profile.",
        ANOTHER,
    ),
    "refresh_token_client": Cause(
        "Login with Amazon does not know the security profile of the refresh token ({code}).",
        "Correct ASK_LWA_CLIENT_ID and ASK_LWA_CLIENT_CONFIRMATION: they are the client id and the "
        "client secret of the security profile.",
    ),
    "refresh_token_refused": Cause(
        "Login with Amazon refused the refresh token ({code}).",
        f"Run the command again in a few minutes. If it stays so: {ANOTHER}",
    ),
    "access_token_ended": Cause(
        "Amazon does not accept the access token in ASK_ACCESS_TOKEN: such a token is good for an "
        "hour.",
        "Take ASK_ACCESS_TOKEN out of the environment: then the ASK CLI's login is used. Or put a "
        "new one there.",
    ),
    "lwa_away": Cause(
        "Login with Amazon: {why}.",
        "Look whether this computer reaches https://api.amazon.com, and run the command again.",
    ),
}
# What Login with Amazon calls its refusals of a refresh token.
REFUSED_TOKENS = {
    "invalid_grant": "refresh_token_ended",
    "invalid_client": "refresh_token_client",
    "unauthorized_client": "refresh_token_client",
}
