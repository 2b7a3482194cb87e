"""The documentation at /v1/docs: Swagger UI from files that BentoML brings, so that nothing comes from elsewhere."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from service.api.errors import NoSuchPath

HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tonereel API</title><link rel="stylesheet" href="/v1/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script><script src="/v1/docs/start.js"></script></body>
</html>
"""
START = 'window.ui = SwaggerUIBundle({url: "/v1/openapi.json", dom_id: "#swagger-ui", deepLinking: true});\n'
FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}


def docs_routes() -> APIRouter:
    """`/v1/docs` and its files."""
    router = APIRouter(prefix="/v1/docs", include_in_schema=False)

    @router.get("")
    async def page() -> Response:
        """The page."""
        return Response(HTML, media_type="text/html", headers=HEADERS)

    @router.get("/{name}")
    async def file(name: str) -> Response:
        """A file of the page."""
        if name == "start.js":
            return Response(START, media_type="text/javascript")
        path = _assets() / name
        if name not in FILES or not path.is_file():
            raise NoSuchPath("there is nothing at this address; /v1/openapi.json is the description itself")
        return FileResponse(path, media_type=FILES[name])

    return router


def _assets() -> Path:
    """Where BentoML keeps its copy of Swagger UI; found without importing BentoML."""
    spec = find_spec("bentoml")
    folder = Path(spec.origin or "").parent if spec is not None else Path()
    return folder / "_internal" / "server" / "static_content"
