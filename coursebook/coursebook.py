"""The Reflex app: the API in front of it, its pages, middleware and background tasks."""

import reflex as rx

from coursebook.api.app import build_api
from coursebook.api.routes.robots_and_sitemap import IndexedPages
from coursebook.run.supervisor.heartbeats import heartbeats
from coursebook.ui import errors, gallery, i18n, layout
from coursebook.ui.gallery import mail_pages
from coursebook.ui.live.push import pushing
from coursebook.ui.middleware.expired_sessions import ExpiredSessions
from coursebook.ui.middleware.initial_hashes import InitialHashes
from coursebook.ui.middleware.request_ids import RequestIds
from coursebook.ui.middleware.reset_on_load import ResetOnLoad
from coursebook.ui.middleware.socket_guard import guard_socket, log_browser_error
from coursebook.ui.middleware.subscribe_on_connect import SubscribeOnConnect
from coursebook.ui.middleware.tab_budget import TabBudget
from coursebook.ui.pages import SITE, add_pages
from coursebook.ui.reflex_compat.components import ERROR_BOUNDARY_WRAP
from coursebook.worker.loop import lifespan

INDEXED = IndexedPages(SITE.public_paths, SITE.addresses, SITE.private_paths)
api = build_api(INDEXED)
mail_pages.add_to(api)
app = rx.App(
    api_transformer=[api],
    stylesheets=["/theme.css"],
    html_custom_attrs={"lang": i18n.LANGUAGE},
    head_components=[*layout.head(), *gallery.head()],
    toaster=None,
    backend_exception_handler=errors.show_backend_error,
    frontend_exception_handler=log_browser_error,
    app_wraps={
        ERROR_BOUNDARY_WRAP: errors.boundary_wrap,
        (6, "Messages"): layout.messages_wrap,
        (5, "Identity"): layout.identity_wrap,
        (4, "Early"): layout.early_events_wrap,
        (3, "Navigation"): layout.page_loader_wrap,
    },
)
app.add_middleware(RequestIds())
app.add_middleware(TabBudget())
app.add_middleware(ExpiredSessions())
app.add_middleware(ResetOnLoad(SITE.states))
app.add_middleware(InitialHashes())
app.add_middleware(SubscribeOnConnect())
app.register_lifespan_task(heartbeats)
app.register_lifespan_task(lifespan)
app.register_lifespan_task(pushing)
add_pages(app)
guard_socket(app)
