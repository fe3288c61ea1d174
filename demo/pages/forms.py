"""What the pages' own scripts post."""

from typing import Any

from aiohttp import web


async def form_of(request: web.Request) -> dict[str, Any]:
    """The form that a page sent; another site can send none."""
    # Only this page's own scripts can post JSON here; a form of another site can not.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        form = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="That is not JSON.") from error
    if not isinstance(form, dict):
        raise web.HTTPBadRequest(text="That is not a form.")
    return form
