"""Which of AWS's codes, and which of boto3's exceptions, leads to which row of the causes."""

from dataclasses import dataclass
import re

from botocore import exceptions  # type: ignore[import-untyped]
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code of AWS's, with words that narrow it down if there are any."""

    codes: str
    words: str
    cause: str

    def fits(self, code: str, message: str) -> bool:
        """Whether it is this one."""
        return bool(re.fullmatch(self.codes, code) and re.search(self.words, message))


DENIED = r"AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError|NotAuthorized"
# The first that fits.
REFUSALS = (
    Refusal(r"OptInRequired|SubscriptionRequired(Exception)?", "", "aws_not_ready"),
    Refusal(r"PendingVerification", "", "aws_not_ready"),
    Refusal(r".*", r"needs a subscription for the service", "aws_not_ready"),
    Refusal(r".*", r"[Ss]ignature (expired|not yet current)", "aws_clock"),
    Refusal(r"RequestTimeTooSkewed|RequestExpired|RequestInTheFuture", "", "aws_clock"),
    Refusal(r"ExpiredToken(Exception)?|TokenRefreshRequired", "", "aws_session_ended"),
    Refusal(r".*", r"security token included in the request is expired", "aws_session_ended"),
    Refusal(r"SignatureDoesNotMatch|InvalidSignature(Exception)?", "", "aws_secret_wrong"),
    Refusal(
        r"InvalidClientTokenId|UnrecognizedClient(Exception)?|InvalidAccessKeyId|AuthFailure"
        r"|IncompleteSignature(Exception)?|MissingAuthenticationToken(Exception)?",
        "",
        "aws_key_unknown",
    ),
    Refusal(r"RegionDisabledException", "", "aws_region_off"),
    Refusal(r"KMSAccessDeniedException", "", "function_locked_out"),
    Refusal(DENIED, r"(service|resource) control policy", "aws_denied_by_organisation"),
    Refusal(DENIED, r"explicit deny|permissions boundary", "aws_denied_by_policy"),
    Refusal(DENIED, "", "aws_denied"),
    Refusal(r"Throttl.*|TooManyRequests.*|RequestLimitExceeded|SlowDown", "", "aws_busy"),
    Refusal(r"ResourceConflictException|ConcurrentModification.*", "", "aws_busy"),
    Refusal(r"ResourceInUseException|ProvisionedThroughputExceeded.*", "", "aws_busy"),
    Refusal(r"LimitExceeded.*|CodeStorageExceeded.*|ServiceQuotaExceeded.*", "", "aws_limit"),
    Refusal(r"Service(Exception|Failure|Unavailable.*)|Internal.*", "", "aws_broken"),
    Refusal(r".*", "", "aws_refused"),
)

# Of `aws login`: a boto3 that is older does not know them.
LOGIN = (
    ("LoginInsufficientPermissions", "aws_login_forbidden"),
    ("LoginError", "aws_login_ended"),
)
# By botocore's exceptions; the first that fits, so the narrow ones stand before the wide ones.
TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    *((getattr(exceptions, name), cause) for name, cause in LOGIN if hasattr(exceptions, name)),
    (exceptions.NoCredentialsError, "aws_no_login"),
    (exceptions.PartialCredentialsError, "aws_half_login"),
    (exceptions.ProfileNotFound, "aws_no_profile"),
    (exceptions.ConfigParseError, "aws_config_broken"),
    (exceptions.ConfigNotFound, "aws_config_broken"),
    (exceptions.InvalidConfigError, "aws_config_broken"),
    (exceptions.UnknownCredentialError, "aws_config_broken"),
    (exceptions.SSOError, "aws_sso_ended"),
    (exceptions.TokenRetrievalError, "aws_sso_ended"),
    (exceptions.NoAuthTokenError, "aws_sso_ended"),
    (exceptions.MissingDependencyException, "aws_needs_crt"),
    (exceptions.CredentialRetrievalError, "aws_login_broken"),
    (exceptions.MetadataRetrievalError, "aws_login_broken"),
    (exceptions.RefreshWithMFAUnsupportedError, "aws_session_ended"),
    (exceptions.ConnectionError, "aws_no_network"),
    (exceptions.HTTPClientError, "aws_no_network"),
    (ResponseParserError, "aws_not_aws"),
    (exceptions.BotoCoreError, "aws_unexpected"),
)
