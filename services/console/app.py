"""The application: every route asks who is there, every answer carries the same protections, every error is a page."""

from fastapi import FastAPI

from schemas.rules import RuleSet, load_default
from services.console import pages, threshold
from services.console.failures import add_failure_pages
from services.console.protection import protect
from services.platform.database import Database


def create_app(database: Database, rules: RuleSet | None = None) -> FastAPI:
    """The page over one database. rules: whose sentences and reason codes are shown; None = the adopted ones."""
    app = FastAPI(title="mimamori console", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.database = database
    app.state.rules = rules or load_default()
    app.include_router(threshold.router)
    app.include_router(pages.router)
    add_failure_pages(app)
    app.middleware("http")(protect)
    return app
