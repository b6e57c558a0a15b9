"""A PIM behind a proxy whose error pages show the whole request, as careless ones do."""

import html

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response


def echoing_pim(*, refuses_login: bool = False) -> FastAPI:
    """Lists what every PIM lists; anything else, and a refused login, is a page that echoes."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def answer(request: Request, path: str) -> Response:
        if path == "api/oauth/v1/token" and not refuses_login:
            return JSONResponse({"access_token": "canary-access", "refresh_token": "canary-fresh"})
        if path.endswith(("channels", "locales")) and not refuses_login:
            return JSONResponse({"_embedded": {"items": [{"code": "one"}]}})
        said = f"{request.headers.get('Authorization')} {(await request.body()).decode()}"
        page = f"<html><p>{said}</p><p>{html.escape(said)}</p></html>"
        return HTMLResponse(page, status_code=422 if refuses_login else 500)

    return app
