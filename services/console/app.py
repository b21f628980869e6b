"""The application: every route asks who is there, every answer carries the same protections, every error is a page."""

from fastapi import FastAPI

from services.console import pages, threshold
from services.console.failures import add_failure_pages
from services.console.protection import protect
from services.platform.database import Database


def create_app(database: Database) -> FastAPI:
    """The page over one database."""
    app = FastAPI(title="mimamori console", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.database = database
    app.include_router(threshold.router)
    app.include_router(pages.router)
    add_failure_pages(app)
    app.middleware("http")(protect)
    return app
