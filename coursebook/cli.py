"""The `coursebook` command. Heavy imports are inside the commands, so that help is fast."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from coursebook import __version__
from coursebook.run.output import steady_output
from coursebook.run.problem import CannotStart

app = typer.Typer(
    name="coursebook",
    help="Course booking and payment: run the product, its sandbox and its maintenance commands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich takes longer than printing the help
)

installation_app = typer.Typer(
    no_args_is_help=True,
    help="Declare what a database found at another PUBLIC_URL is: moved, or a copy.",
)
app.add_typer(installation_app, name="installation")

courses_app = typer.Typer(no_args_is_help=True, help="Put courses into the catalog.")
app.add_typer(courses_app, name="courses")

school_app = typer.Typer(no_args_is_help=True, help="Begin and check the folder of a school.")
app.add_typer(school_app, name="school")

people_app = typer.Typer(no_args_is_help=True, help="Manage people's accounts.")
app.add_typer(people_app, name="people")

team_app = typer.Typer(no_args_is_help=True, help="Give roles to people.")
app.add_typer(team_app, name="team")

Port = Annotated[int, typer.Option(envvar="PORT", help="Port; the sandbox uses the next two.")]


def main() -> None:
    """Run one command. An error of its environment prints one sentence and exits with 2."""
    steady_output()
    try:
        app(prog_name="coursebook")
    except CannotStart as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"coursebook {__version__}")
        raise typer.Exit


@app.callback()
def change_to_project_folder(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - _print_version acts on it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Change to the project folder, so that `.env` and COURSEBOOK_DATA are found from anywhere."""
    from coursebook.run.paths import ROOT

    context.obj = Path.cwd()  # paths on the command line are relative to it
    os.chdir(ROOT)


@app.command()
def run(
    port: Port = 3000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 means all.")
    ] = "127.0.0.1",
    reload: Annotated[
        bool, typer.Option("--reload", help="Hot reload, for developing the pages.")
    ] = False,
) -> None:
    """Start the product; with no keys set also the sandbox, on the next port."""
    if reload:  # before the modules that read it, and for all children
        from coursebook.ui.reflex_compat.environment import RELOADING

        os.environ[RELOADING] = "1"
    from coursebook.run.supervisor.lifecycle import Supervisor
    from coursebook.run.supervisor.plan import make_plan

    plan = make_plan(host=host, port=port, is_reloading=reload)
    steady_output(as_json=plan.settings.log_json)
    raise typer.Exit(Supervisor(plan).run())


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port; the mailbox uses the next one.")] = 3001,
    reset: Annotated[
        bool, typer.Option("--reset", help="Delete payments, people and mail first.")
    ] = False,
    webhook_url: Annotated[
        str, typer.Option("--webhook-url", help="Where to send all events; by default, nowhere.")
    ] = "",
) -> None:
    """Start only the stand-ins for Stripe, sign-in and mail (loopback, no real money)."""
    from coursebook.run.problem import settings_or_sentence
    from coursebook.run.supervisor.sandbox_keys import sandbox_keys
    from coursebook.sandbox.main import main as serve

    settings = settings_or_sentence()
    data = _data_folder(settings.coursebook_data)
    for name, value in sandbox_keys(data).environment().items():
        os.environ[name] = os.environ.get(name) or value  # an empty value counts as unset
        print(f"{name}={os.environ[name]}")
    print(f"COURSEBOOK_SANDBOX_URL=http://localhost:{port}")
    print(f"SMTP_URL=smtp://127.0.0.1:{port + 1}", flush=True)
    words = {"--port": port, "--smtp-port": port + 1, "--data": data}
    words |= {"--product-url": settings.public_url, "--webhook-url": webhook_url}
    serve(
        [*(str(word) for pair in words.items() for word in pair), *(["--reset"] if reset else [])]
    )


@app.command()
def build() -> None:
    """Build the pages without starting anything, to keep the next restart short."""
    from coursebook.run.build.school_pages import ensure_school_pages
    from coursebook.run.output import say
    from coursebook.run.problem import settings_or_sentence
    from coursebook.school import read_school

    settings = settings_or_sentence()
    pages = ensure_school_pages(read_school(settings), has_clerk=settings.has_clerk)
    say(f"The pages are built: {pages}")


@app.command()
def migrate() -> None:
    """Migrate the database to the newest schema."""
    from coursebook.run.commands.prepare_database import main as prepare

    raise typer.Exit(prepare([]))


@app.command()
def seed(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even with real keys.")] = False,
) -> None:
    """Add missing sample courses and invented students; asks first when real keys are set."""
    from coursebook.run.commands.confirmation import is_confirmed
    from coursebook.run.commands.prepare_database import main as prepare
    from coursebook.run.problem import settings_or_sentence

    if settings_or_sentence().has_keys and not yes:
        print("Real keys are set: this adds sample courses with bookings of invented students.")
        if not is_confirmed("Add them to this database?"):
            print("Nothing was added.")
            raise typer.Exit(1)
    raise typer.Exit(prepare(["--seed"]))


@app.command()
def token(
    email: Annotated[str, typer.Argument(help="Email address; an unknown one becomes a student.")],
    ttl: Annotated[int, typer.Option(help="Seconds until it expires.")] = 60,
) -> None:
    """Print a session token of the sandbox, for curl and scripts."""
    from coursebook.run.commands.token import sandbox_token

    print(sandbox_token(email, ttl))


@app.command()
def reconcile(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Compare only from this day on (UTC)."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Settle differences by what Stripe says.")
    ] = False,
) -> None:
    """Compare our books with Stripe's and print every difference; exit 1 if there is any."""
    from coursebook.run.commands.reconcile import reconcile as compare

    day = since.replace(tzinfo=UTC) if since else None
    raise typer.Exit(compare(since=day, is_fixing=fix))


@app.command()
def doctor() -> None:
    """Check the configuration end to end; exit 1 if something is wrong."""
    from coursebook.run.doctor.report import examine

    raise typer.Exit(examine())


@app.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write; missing folders are created.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an older copy once this one is verified.")
    ] = False,
) -> None:
    """Write a consistent copy of all stored data, even while coursebook runs."""
    from coursebook.run.commands.backup import make_backup

    make_backup(context.obj / file, may_replace=replace)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy made by `coursebook backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace the current data.")] = False,
) -> None:
    """Replace the database with a copy; stop coursebook first."""
    from coursebook.run.commands.backup import restore_backup

    restore_backup(context.obj / file, may_replace=yes)


@courses_app.command("import")
def courses_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="TOML or CSV file; see docs/courses.md.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    tell: Annotated[
        bool, typer.Option("--tell", help="Send mails about new dates and places.")
    ] = False,
) -> None:
    """Show what a file of courses would change, ask, and import all of it or nothing."""
    from coursebook.run.commands.courses import import_file

    import_file(context.obj / file, is_sure=yes, is_dry_run=dry_run, tell=tell)


@school_app.command("new")
def school_new(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to make; by default SCHOOL_DIR.")
    ] = None,
) -> None:
    """Make a folder with a page, a field, a mail, a language and a test, and overwrite nothing."""
    from coursebook.run.commands.school_new import new_school

    new_school(context.obj / folder if folder else None)


@school_app.command("check")
def school_check(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to check; by default SCHOOL_DIR.")
    ] = None,
) -> None:
    """Print every mistake in the folder of a school, one sentence each; exit 1 if there is any."""
    from coursebook.run.commands.school_check import check_school

    raise typer.Exit(check_school(context.obj / folder if folder else None))


@people_app.command("join")
def people_join(
    old: Annotated[str, typer.Argument(help="Account to take from: user_… or email address.")],
    new: Annotated[str, typer.Argument(help="Account to give to: user_… or email address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Move one person's bookings to their new account, after showing both."""
    from coursebook.run.commands.people import join_people

    join_people(old, new, is_sure=yes)


@team_app.command("invite")
def team_invite(
    email: Annotated[str, typer.Argument(help="Whom the invitation is for.")],
    role: Annotated[str, typer.Argument(help="owner, manager, teacher or accountant.")],
    course: Annotated[
        list[str] | None,
        typer.Option(help="Id or slug of a course that a teacher sees; may be repeated."),
    ] = None,
) -> None:
    """Print the link of an invitation to the team, to hand over without a mail server."""
    from coursebook.run.commands.team import print_invitation

    print_invitation(email, role, course or ())


@installation_app.command("moved")
def installation_moved() -> None:
    """Declare that this installation has moved to PUBLIC_URL."""
    from coursebook.run.commands.installation import declare_installation_moved

    declare_installation_moved()


@installation_app.command("copy")
def installation_copy(
    yes: Annotated[
        bool, typer.Option("--yes", help="Even if the database does not look like a copy.")
    ] = False,
) -> None:
    """Declare that this is a copy: it leaves all open payments and mails to its original."""
    from coursebook.run.commands.installation import declare_installation_copy

    declare_installation_copy(is_sure=yes)


def _data_folder(folder: Path) -> Path:
    from coursebook.run.paths import ROOT

    data = (ROOT / folder).resolve()
    data.mkdir(parents=True, exist_ok=True)
    return data


if __name__ == "__main__":
    main()
