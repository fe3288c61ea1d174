"""The skill package: what Amazon is told of the skill, made from the templates in package/."""

from collections.abc import Mapping
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
import zipfile

from .settings import AWS_REGIONS, AmazonLinking, Settings, Webhook

FOLDER = Path(__file__).parent.parent / "package"
FUNCTION = Path(__file__).parent.parent / "lambda_function.py"
CLOSED_HOME = Path(__file__).parent.parent / "closed_home"
# Home Assistant takes the origin of the redirect for the client id. Alexa's app has three, and
# which one it uses goes by the language that it is set to: that of the region is the likeliest.
LOGIN_HOSTS = {"na": "pitangui.amazon.com", "eu": "layla.amazon.com", "fe": "alexa.amazon.co.jp"}


def manifest(settings: Settings, functions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The manifest; without functions (region -> ARN) it has no endpoint yet."""
    wanted: dict[str, Any] = _template("skill.json")["manifest"]
    for texts in wanted["publishingInformation"]["locales"].values():
        texts["name"] = settings.name
        # Files of the package, of which this interface knows nothing.
        del texts["smallIconUri"], texts["largeIconUri"]
    smart_home = wanted["apis"]["smartHome"]
    del smart_home["endpoint"], smart_home["regions"]
    if functions:
        endpoints = {region: {"uri": arn} for region, arn in functions.items()}
        # Amazon sends customers of every other region to the first one.
        smart_home["endpoint"] = endpoints[settings.regions[0]]
        smart_home["regions"] = {
            region.upper(): {"endpoint": endpoint} for region, endpoint in endpoints.items()
        }
    return wanted


def is_ours(manifest: Mapping[str, Any]) -> bool:
    """Whether this command made the skill."""
    template = _template("skill.json")["manifest"]["publishingInformation"]
    information = manifest.get("publishingInformation") or {}
    return bool(information.get("testingInstructions") == template["testingInstructions"])


def merged(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is there, with what is wanted: Amazon, or the user, may have added more."""
    result = dict(there)
    for key, value in wanted.items():
        before = result.get(key)
        # Regions are all or nothing: one that is not asked for any more has to go.
        if isinstance(before, dict) and isinstance(value, dict) and key != "regions":
            result[key] = merged(before, value)
        else:
            result[key] = value
    return result


def account_linking(webhook: Webhook, region: str) -> dict[str, Any]:
    """How Amazon finds out which user of Home Assistant, or of Amazon, enabled the skill."""
    linking = webhook.linking
    if isinstance(linking, AmazonLinking):
        wanted = _linking("login-with-amazon")
        return wanted | {"clientId": linking.client_id, "clientSecret": linking.client_secret}
    return _linking("home-assistant") | {
        "authorizationUrl": f"{linking}/auth/authorize",
        "accessTokenUrl": f"{linking}/auth/token",
        "clientId": f"https://{webhook.login_host or LOGIN_HOSTS[region]}/",
    }


def closed_account_linking(address: str, client_id: str, client_secret: str) -> dict[str, Any]:
    """How the function itself finds out whose Alexa it is; all three hosts of Alexa's may ask."""
    return _linking("closed-home") | {
        "authorizationUrl": f"{address}/authorize",
        "accessTokenUrl": f"{address}/token",
        "clientId": client_id,
        "clientSecret": client_secret,
    }


def is_linked_as(there: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    """Whether Amazon's answer says what is wanted; it never tells the secret."""
    untold = {"clientSecret", "skipOnEnablement"}
    return there is not None and all(
        (there.get(key) or []) == (value or [])
        for key, value in wanted.items()
        if key not in untold
    )


def code() -> bytes:
    """The function as a zip archive, the same bytes each time."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        for path in (FUNCTION, *sorted(CLOSED_HOME.glob("*.*"))):
            name = path.relative_to(FUNCTION.parent).as_posix()
            # AWS runs it as another user, who must be able to read it.
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            content.writestr(entry, path.read_bytes())
    return archive.getvalue()


def function_arn(account: str, region: str, name: str) -> str:
    """The ARN that a function has, or will have."""
    return f"arn:aws:lambda:{AWS_REGIONS[region]}:{account}:function:{name}"


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _linking(way: str) -> dict[str, Any]:
    wanted: dict[str, Any] = _template(f"accountLinking.{way}.json")["accountLinkingRequest"]
    return wanted


def _template(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
