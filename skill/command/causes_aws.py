"""What AWS, or the login for it, refuses: rows of the table of causes."""

from .errors import AGAIN, Cause

SHELL = (
    "Or run the command in AWS CloudShell (console.aws.amazon.com/cloudshell): it is logged in "
    "already."
)
LOG_IN = (
    "Log in to AWS on this computer (`aws configure`, or the variables AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY) as a user who may use IAM and Lambda, then run the command again. "
    f"{SHELL}"
)
POLICIES = "IAMFullAccess, AWSLambda_FullAccess and CloudWatchLogsFullAccess"

AWS: dict[str, Cause] = {
    # The login on this computer
    "aws_no_login": Cause("There is no login for AWS.", LOG_IN),
    "aws_only_profiles": Cause(
        "No login for AWS is the default one; there are {profiles}.",
        f"Say which with --aws-profile. {SHELL}",
    ),
    "aws_no_profile": Cause(
        "AWS's files on this computer know no login {profile}.",
        "Give one that `aws configure list-profiles` shows with --aws-profile, or leave it out. "
        f"AWS_PROFILE names one, too. {SHELL}",
    ),
    "aws_half_login": Cause(
        "The login for AWS is only half there: {said}.",
        f"Both halves of the access key are needed. {LOG_IN}",
    ),
    "aws_config_broken": Cause(
        "AWS's files on this computer cannot be read: {said}.",
        f"Correct the file, or move it away and log in again. {SHELL}",
    ),
    "aws_sso_ended": Cause(
        "The login to AWS by IAM Identity Center (SSO) has ended.",
        "Run `aws sso login` (with the same --profile), then run the command again. " + SHELL,
    ),
    "aws_login_ended": Cause(
        "The login to AWS by `aws login` has ended.",
        f"Run `aws login` again (with the same --profile), then run the command again. {SHELL}",
    ),
    "aws_login_forbidden": Cause(
        "This user of AWS may not use `aws login`: the right signin:CreateOAuth2Token is missing.",
        f"Give it the policy SignInLocalDevelopmentAccess, or use an access key. {SHELL}",
    ),
    "aws_needs_crt": Cause(
        "The login by `aws login` needs a part of boto3 that is not here: {said}.",
        "Run the command with uv, which brings it (boto3[crt]). "
        f"Or use an access key (`aws configure`). {SHELL}",
    ),
    "aws_login_broken": Cause(
        "The login for AWS cannot be had from where the settings say it is: {said}.",
        f"Look at AWS's settings on this computer (`aws configure list`). {LOG_IN}",
    ),
    "aws_key_unknown": Cause(
        "AWS does not know the access key (any more): {said}",
        "Has it been deleted, or mistyped? Make a new one in the AWS console under IAM > Users > "
        f"Security credentials, and enter it in `aws configure`. {SHELL}",
    ),
    "aws_secret_wrong": Cause(
        "AWS refuses the signature: the secret half of the access key is another.",
        f"Enter both halves again in `aws configure`, without blanks around them. {SHELL}",
    ),
    "aws_session_ended": Cause(
        "The login for AWS was for a limited time, and has ended: {said}",
        "Get a new one in the way that you got this one, and take AWS_SESSION_TOKEN out of the "
        "environment if you have none now. In AWS CloudShell, open the page anew.",
    ),
    "aws_clock": Cause(
        "AWS refuses the signature because this computer's clock is wrong: {said}",
        "Set this computer's clock right (in WSL it stops while the computer sleeps: `sudo "
        "hwclock -s`, or `wsl --shutdown`), then run the command again.",
    ),
    # The way to AWS
    "aws_no_network": Cause(
        "AWS cannot be reached: {said}.",
        "Look whether this computer is online, and whether a proxy, a filter or a VPN holds "
        "amazonaws.com back. Then run the command again.",
    ),
    "aws_not_aws": Cause(
        "What answers in the place of AWS is something else: {said}.",
        "Often it is the login page of a Wi-Fi, or a proxy. Open a web page in the browser, or use "
        f"another network. {SHELL}",
    ),
    # The account
    "aws_not_ready": Cause(
        "The AWS account is not ready yet: {said}",
        "A new account is complete only with a payment card and a confirmed telephone number, "
        "and then needs up to 24 hours; AWS sends an email. Run the command again then.",
    ),
    "aws_denied": Cause(
        "This login for AWS may not do {action}: no policy allows it. AWS says: {said}",
        f"Give the user the policies {POLICIES}, and for --closed AmazonDynamoDBFullAccess_v2 (AWS "
        "console, IAM > Users > Permissions), or log in as one who may. Then run the command "
        "again.",
    ),
    "aws_denied_by_policy": Cause(
        "A policy of the AWS account forbids {action}. AWS says: {said}",
        "Take that out of the policy or the permissions boundary that forbids it, or log in as "
        "another user. Then run the command again.",
    ),
    "aws_denied_by_organisation": Cause(
        "The organisation that this AWS account belongs to forbids {action}. AWS says: {said}",
        "Nobody in the account can change that: ask the administrator of the organisation, or use "
        "an AWS account of your own.",
    ),
    "aws_region_off": Cause(
        "The AWS region is switched off in this account: {said}",
        "Switch it on (AWS console, Account > AWS Regions), then run the command again.",
    ),
    "aws_limit": Cause(
        "The AWS account may have no more of this: {said}",
        "Delete what you do not need any more, or ask AWS for more (Service Quotas). Then run the "
        "command again.",
    ),
    "aws_busy": Cause("AWS wants fewer requests, or is at work on it: {said}", AGAIN),
    "aws_broken": Cause("AWS has a fault of its own: {said}", AGAIN),
    "aws_refused": Cause(
        "AWS refused {action}: {said}",
        "Run the command again. If it stays so, run it with --report FILE, and attach the file to "
        "an issue.",
    ),
    "aws_unexpected": Cause(
        "The part that speaks to AWS (boto3) cannot go on: {said}.",
        f"Look at AWS's settings on this computer (`aws configure list`). {SHELL}",
    ),
}
