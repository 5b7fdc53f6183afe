"""The mailbox on the dashboard: the list, one mail, and its attachments."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.mailbox.smtp_server import KIND, mails_to, parse_stored

# A mail may bring its own styles, but no script and nothing from another host. The sandboxed frame
# around it disables its forms.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def routes(context: Context) -> list[Route]:
    """Return the pages of the mailbox and, with test controls on, the list as JSON."""
    frame, store = Frame(context.options, context.clock), context.store

    def missing(request: Request) -> Response:
        return frame.show("dashboard_missing.html", request, status=404, noun="mail")

    async def listing(request: Request) -> Response:
        paging = listed(store, KIND, request)
        mails = [parse_stored(mail) for mail in paging.rows]
        return frame.show("mailbox.html", request, mails=mails, paging=paging)

    async def detail(request: Request) -> Response:
        mail = store.get(KIND, request.path_params["id"])
        if mail is None:
            return missing(request)
        return frame.show("mailbox_mail.html", request, policy=POLICY, mail=parse_stored(mail))

    async def attachment(request: Request) -> Response:
        mail = store.get(KIND, request.path_params["id"])
        files = parse_stored(mail).attachments if mail else ()
        number = request.path_params["number"]
        if number >= len(files):
            return missing(request)
        headers = {
            "Content-Disposition": f'attachment; filename="{files[number].safe_name}"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(
            files[number].content, media_type="application/octet-stream", headers=headers
        )

    async def as_json(request: Request) -> Response:
        return JSONResponse(mails_to(store, request.query_params.get("to", "")))

    pages = [
        Route("/mailbox", listing),
        Route("/mailbox/{id}", detail),
        Route("/mailbox/{id}/attachments/{number:int}", attachment),
    ]
    return [*pages, Route("/_test/mail", as_json)] if context.options.test_controls else pages
