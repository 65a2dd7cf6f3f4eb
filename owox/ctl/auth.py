"""``owox-ctl auth``: store a key on this machine, look at it, forget it."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from owox import keys
from owox.client.credentials import COMBINED, KEY_ID, ORIGIN, SECRET, Credentials
from owox.client.errors import OwoxError
from owox.client.hints import day
from owox.ctl import management, sources, store, web_login
from owox.ctl.screen import Exit, Format, Screen, format_options, help_if_bare
from owox.ctl.status import ask


@click.group(invoke_without_command=True)
@click.pass_context
def auth(context: click.Context) -> None:
    """Sign in with an API key, show the sign-in, sign out."""
    help_if_bare(context)


@auth.command()
@click.option("--api-origin", metavar="URL", help="The server's address, such as https://owox.example.com.")
@click.option("--api-key-id", metavar="ID", help="The API Key ID (pmk_...).")
@click.option("--api-key-secret-stdin", "secret_piped", is_flag=True, help="Read the API Key Secret from stdin.")
@click.option(
    "--combined-stdin", "combined_piped", is_flag=True, help="Read a combined value (owox_key_...) from stdin."
)
@web_login.web_options
@click.option("--keyring", "in_keychain", is_flag=True, help="Keep the secret in the system's keychain.")
@format_options
@click.pass_obj
def login(screen: Screen, /, web: web_login.Web | None, in_keychain: bool, **typed: Any) -> None:
    """Check an API key and store it for this user, or have one approved in the browser.

    The secret is asked for without echo, or read from stdin; it is never an argument, which other users of the
    machine could see. At the prompt a combined value may be pasted instead. With --web there is nothing to copy: a code
    is shown, a member approves it in the browser, here or on any other device, and the new key comes straight here.
    With --manage no key is made: for 15 minutes owox-ctl keys manages those of that member.

    \b
    Examples:
      owox-ctl auth login
      owox-ctl auth login --web https://owox.example.com
      owox-ctl auth login --web https://owox.example.com --manage
      owox-ctl auth login --api-origin https://owox.example.com --api-key-id pmk_...
      pass owox/key | owox-ctl auth login --combined-stdin
      owox-ctl auth login --keyring
    """
    if web is None:
        _store_checked(screen, in_keychain, **typed)
    elif any(typed.values()):
        raise click.UsageError("--web and the options about a key that is there already exclude each other")
    elif web.manage:
        _store_management(screen, web, in_keychain)
        return
    else:
        _store_approved(screen, web, in_keychain)
    _note_precedence(screen)


def _store_checked(
    screen: Screen,
    in_keychain: bool,
    api_origin: str | None,
    api_key_id: str | None,
    secret_piped: bool,
    combined_piped: bool,
) -> None:
    given = {ORIGIN: api_origin or "", KEY_ID: api_key_id or ""}
    given |= _piped(given, secret_piped, combined_piped) if secret_piped or combined_piped else _asked(given)
    credentials = Credentials.from_env(given, note=screen.note)
    answer = {"apiOrigin": credentials.origin, "apiKeyId": credentials.key_id, **ask(screen, credentials)}
    answer["storedIn"] = str(store.save(credentials, in_keychain=in_keychain))
    _say_stored(screen, answer, [], in_keychain)


def _store_approved(screen: Screen, web: web_login.Web, in_keychain: bool) -> None:
    store.check(in_keychain=in_keychain)
    origin, key = web_login.approved(screen, web)
    answer = {"apiOrigin": origin, "apiKeyId": key["apiKeyId"], "name": key["name"], "expiresAt": key["expiresAt"]}
    answer |= {"project": {"id": key["projectId"], "title": key["projectTitle"]}, "member": key["member"]}
    try:
        credentials = Credentials.of(origin, key["apiKeyId"], key["apiKeySecret"])
        answer["storedIn"] = str(store.save(credentials, in_keychain=in_keychain))
    except OwoxError as error:
        error.hint = web_login.lost(key)
        raise
    except KeyboardInterrupt:
        screen.note(web_login.lost(key))
        raise
    ends = f"until {day(datetime.fromisoformat(key['expiresAt']))}" if key["expiresAt"] else "without an expiry"
    _say_stored(screen, answer, [f"API key: {key['name']} ({key['apiKeyId']}), {ends}"], in_keychain)


def _store_management(screen: Screen, web: web_login.Web, in_keychain: bool) -> None:
    store.check(in_keychain=in_keychain)
    origin, got = web_login.approved(screen, web)
    ends = datetime.now(UTC) + timedelta(seconds=got["managementTokenExpiresIn"])
    sign_in = management.SignIn(origin, got["managementToken"], ends, got["projectTitle"])
    management.remove(screen.note)
    stored = management.save(sign_in, in_keychain=in_keychain)
    answer = {"apiOrigin": origin, "managementExpiresAt": sign_in.described["expiresAt"]}
    answer |= {"project": {"id": got["projectId"], "title": got["projectTitle"]}, "member": got["member"]}
    answer["storedIn"] = str(stored)
    _say_stored(screen, answer, [f"owox-ctl keys manages your API keys there until {day(ends)}."], in_keychain)


def _say_stored(screen: Screen, answer: dict[str, Any], more: list[str], in_keychain: bool) -> None:
    if screen.format is Format.JSON:
        screen.json(answer)
    else:
        kept = ", its secret in the keychain" if in_keychain else ""
        screen.lines([_welcome(answer), *more, f"Stored in {answer['storedIn']}{kept}"])


@auth.command("status")
@sources.credential_options
@format_options
@click.pass_obj
def auth_status(screen: Screen, given: sources.Given) -> Exit:
    """Show which key is used and whether the server accepts it.

    \b
    Examples:
      owox-ctl auth status
      owox-ctl auth status --env-file ci.env
    """
    masked = None
    try:
        credentials, source = sources.find(given, screen.note)
        masked = f"{credentials.key_id[:8]}..."
        with sources.client_for(screen, credentials) as client:
            client.authenticate()
    except OwoxError as error:
        _say_status(screen, {"authenticated": False}, ["Authenticated: no"])
        screen.fail(error)
        return Exit.of(error)
    about = [f"API origin: {credentials.origin}", f"API key ID: {masked}", "Authenticated: yes"]
    answer = {"apiOrigin": credentials.origin, "apiKeyId": masked, "authenticated": True}
    _say_status(screen, answer, [*about, f"Credentials: {source}"])
    return Exit.DONE


def _say_status(screen: Screen, answer: dict[str, Any], lines: list[str]) -> None:
    """Say also whether keys can be managed from here."""
    if managing := management.lasting():
        answer["management"] = managing.described
        where = f"in {managing.project_title} at {managing.origin}"
        lines.append(f"Manages API keys: {where}, until {day(managing.expires_at)}")
    if screen.format is Format.JSON:
        screen.json(answer)
    else:
        screen.lines(lines)


@auth.command()
@format_options
@click.pass_obj
def logout(screen: Screen) -> None:
    """Forget the stored key, and end the sign-in by which keys are managed. The key stays valid until it is revoked.

    \b
    Examples:
      owox-ctl auth logout
    """
    managed, removed = management.remove(screen.note), store.remove()
    lines = ["Signed out. The key itself stays valid until it is revoked in the dashboard."] if removed else []
    lines += ["API keys can no longer be managed from here."] if managed else []
    if screen.format is Format.JSON:
        screen.json({"loggedOut": True, "removed": removed} | ({"managementRemoved": True} if managed else {}))
    else:
        screen.lines(lines or ["There was no stored sign-in."])
    _note_precedence(screen)


def _piped(given: dict[str, str], secret_piped: bool, combined_piped: bool) -> dict[str, str]:
    if secret_piped and combined_piped:
        raise click.UsageError("--api-key-secret-stdin and --combined-stdin exclude each other")
    if secret_piped and not all(given.values()):
        raise click.UsageError("--api-key-secret-stdin needs --api-origin and --api-key-id")
    return {COMBINED if combined_piped else SECRET: sources.read_secret("-")}


def _asked(given: dict[str, str]) -> dict[str, str]:
    """Ask for what is not given. Whatever may hold a secret is asked for without echo."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on: use --combined-stdin or --api-key-secret-stdin")
    if not any(given.values()):
        value = _ask_hidden("Combined value (owox_key_...), or Enter to give its parts: ")
        if value.strip():
            return {COMBINED: value}
    answers = {
        ORIGIN: given[ORIGIN] or click.prompt("OWOX Data Marts API origin", err=True),
        KEY_ID: given[KEY_ID] or click.prompt("API key ID", err=True),
    }
    secret = _ask_hidden("API key secret: ")
    return {**answers, (COMBINED if keys.COMBINED_PREFIX in secret[:16] else SECRET): secret}


def _ask_hidden(question: str) -> str:
    value: str = click.prompt(question, default="", hide_input=True, show_default=False, prompt_suffix="", err=True)
    return value


def _welcome(answer: dict[str, Any]) -> str:
    if "member" not in answer:
        return f"Signed in to {answer['apiOrigin']}."
    member, project = answer["member"], answer["project"]
    who = member["email"] or member["fullName"] or member["userId"]
    return f"Signed in to {project['title'] or project['id']} as {who}."


def _note_precedence(screen: Screen) -> None:
    if sources.environment_speaks():
        screen.note("The environment names an API key, which is used instead of a stored one.")
