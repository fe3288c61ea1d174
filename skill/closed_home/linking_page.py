"""The page itself: one file, no script, no cookie, nothing from elsewhere."""

import base64
from collections.abc import Mapping
import functools
import hashlib
import html
import http
import json
from pathlib import Path

from .exchange import Request, Response

RIGHT_TO_LEFT = {"ar"}
ALEXA = ("https://pitangui.amazon.com", "https://layla.amazon.com", "https://alexa.amazon.co.jp")
STYLE = """
:root{color-scheme:light dark;--back:#f3f5f7;--card:#fff;--text:#17212b;--soft:#51606e;
--line:#7a8896;--main:#006a94;--on-main:#fff;--bad:#b3261e;--bad-back:#fdecea}
@media(prefers-color-scheme:dark){:root{--back:#10151a;--card:#1b232b;--text:#e8edf2;
--soft:#a9b6c2;--line:#71808e;--main:#52c3f1;--on-main:#06222f;--bad:#ffb4ab;--bad-back:#3b1512}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);line-height:1.5;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:28rem;margin:0 auto;padding:1.5rem 1rem 3rem;
overflow-wrap:anywhere;text-wrap:pretty}
svg{display:block;width:3.5rem;height:3.5rem;margin:0 auto .75rem;color:var(--main)}
h1{font-size:1.4rem;line-height:1.25;text-align:center;margin:0 0 1rem;text-wrap:balance}
form,section{background:var(--card);border-radius:1rem;padding:1.25rem}
p{margin:0 0 1rem}ul{margin:0 0 1.25rem;padding-inline-start:1.25rem}li{margin-bottom:.4rem}
label{display:block;font-weight:600;margin-bottom:.35rem}
input[name=code]{width:100%;min-height:3.25rem;padding:.5rem;font:inherit;font-size:1.4rem;
font-family:ui-monospace,monospace;letter-spacing:.1em;text-align:center;text-transform:uppercase;
color:inherit;background:transparent;border:2px solid var(--line);border-radius:.6rem}
input[aria-invalid]{border-color:var(--bad)}
small{display:block;color:var(--soft);font-size:.9rem;margin:.4rem 0 1.25rem}
button{width:100%;min-height:3.25rem;border:0;border-radius:.6rem;font:inherit;font-weight:600;
font-size:1.1rem;background:var(--main);color:var(--on-main)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.wrong{color:var(--bad);background:var(--bad-back);border-radius:.6rem;padding:.75rem}
.care{color:var(--soft);font-size:.9rem;margin:1.25rem 0 0}
""".replace("\n", "")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
BELL = (
    '<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">'
    '<path d="M12 2a2 2 0 0 0-2 2v.3A7 7 0 0 0 5 11v5l-2 2v1h18v-1l-2-2v-5a7 7 0 0 0-5-6.7V4'
    'a2 2 0 0 0-2-2zm-2.2 18.5a2.3 2.3 0 0 0 4.4 0z"/></svg>'
)
LONGEST_CODE = 24
# A form's answer that leads elsewhere is held to `form-action` too.
POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{STYLE_HASH}'",
        f"form-action 'self' {' '.join(ALEXA)}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def form(
    request: Request, skill_name: str, hidden: Mapping[str, str], *, wrong_code: str | None = None
) -> Response:
    """Say what is being linked, and ask for the code; one that does not fit can be corrected."""
    language = language_of(request)
    texts = _texts()[language]
    told = html.escape(texts["intro"]).replace(
        "{name}", f"<strong><bdi>{html.escape(skill_name)}</bdi></strong>"
    )
    wrong = f'<p class="wrong" id="wrong" role="alert">{html.escape(texts["wrong"])}</p>'
    body = [
        '<form method="post" action="/authorize" autocomplete="off">',
        f"<p>{told}</p>",
        *("<ul>", f"<li>{html.escape(texts['learns'])}</li>"),
        *(f"<li>{html.escape(texts['never'])}</li>", "</ul>"),
        "" if wrong_code is None else wrong,
        f'<label for="code">{html.escape(texts["label"])}</label>',
        _code_field(wrong_code),
        f'<small id="hint">{html.escape(texts["hint"])}</small>',
        *(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in hidden.items()
        ),
        f'<button type="submit">{html.escape(texts["button"])}</button>',
        f'<p class="care">{html.escape(texts["care"])}</p>',
        "</form>",
    ]
    return _page(language, texts, "".join(body), http.HTTPStatus.OK)


def broken(request: Request) -> Response:
    """It was not opened as Alexa opens it: nothing can be done here."""
    return _notice(request, "broken", http.HTTPStatus.BAD_REQUEST)


def unavailable(request: Request) -> Response:
    """Not now."""
    return _notice(request, "unavailable", http.HTTPStatus.SERVICE_UNAVAILABLE)


def language_of(request: Request) -> str:
    """The first of the browser's languages in which there is a page, else English."""
    wanted = []
    for position, part in enumerate(request.header("accept-language")[:500].split(",")):
        tag, _, quality = part.strip().lower().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        wanted.append((-weight, position, tag.strip().partition("-")[0]))
    texts = _texts()
    known = [language for weight, _, language in sorted(wanted) if weight < 0 and language in texts]
    return known[0] if known else "en"


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("page_texts.json")
    texts: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _code_field(wrong_code: str | None) -> str:
    described = 'aria-describedby="hint"'
    if wrong_code is not None:
        value = html.escape(wrong_code[:LONGEST_CODE])
        described = f'aria-describedby="wrong hint" aria-invalid="true" value="{value}"'
    return (
        f'<input id="code" name="code" dir="ltr" required maxlength="{LONGEST_CODE}" '
        'inputmode="text" autocapitalize="characters" autocorrect="off" spellcheck="false" '
        f'autocomplete="off" {described}>'
    )


def _notice(request: Request, what: str, status: int) -> Response:
    language = language_of(request)
    texts = _texts()[language]
    return _page(language, texts, f"<section>{html.escape(texts[what])}</section>", status)


def _page(language: str, texts: Mapping[str, str], body: str, status: int) -> Response:
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    title = html.escape(texts["title"])
    content = (
        f'<!DOCTYPE html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main>{BELL}<h1>{title}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
        "X-Frame-Options": "DENY",
    }
    return Response(status=status, headers=headers, body=content)
