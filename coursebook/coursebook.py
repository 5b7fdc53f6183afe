"""Builds the Reflex app: API in front, pages behind, services and worker for its lifetime."""

import reflex as rx

from coursebook.api.app import build_api
from coursebook.wiring import lifespan
from coursebook.worker.loop import worker_task


def index() -> rx.Component:
    """Return a first page."""
    return rx.el.main(rx.el.h1("coursebook"))


app = rx.App(api_transformer=build_api())
app.register_lifespan_task(lifespan)
app.register_lifespan_task(worker_task)
app.add_page(index, route="/", title="coursebook")
