"""Markdown to HTML that is safe to put into a page: CommonMark with tables and strikethrough (contract.md 3.11).

HTML in the text is not carried over: its tags, comments, scripts and styles are dropped, the text between tags stays.
What comes out passes a sanitiser that knows a few elements, no style, and no address but http, https, mailto and
relative ones. Each text gets a few seconds of the processor at most, and one text is converted at a time.
"""

import html
import re
import threading
import time
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from owox.services.errors import BadSetting, Unavailable

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.token import Token

SECONDS: Final = 5.0
WAIT_SECONDS: Final = 5.0
_CHECK_EVERY: Final = 32
_ELEMENTS: Final = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "code": {"class"},
    "img": {"alt", "src", "title"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_SCHEMES: Final = {"http", "https", "mailto"}
_UNSPOKEN: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[^<>]*>", re.IGNORECASE | re.DOTALL
)
_LONG_RUN: Final = re.compile(r"([*_~])\1{999,}")
_one_at_a_time: Final = threading.Lock()


class _TooLong(Exception):
    """The time that a text may take is over."""


def to_html(text: str, seconds: float = SECONDS) -> str:
    """The text as HTML in one ``div``.

    Raises ``BadSetting`` for one that takes more than ``seconds`` to parse, ``Unavailable`` while others are converted.
    """
    import nh3

    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Another text is being converted. Try again in a few seconds.")
    try:
        # The thread's own time: a busy machine makes no text too long.
        raw = _parser().render(text, {"end": time.thread_time() + seconds, "asked": 0})
        clean = nh3.clean(raw, tags=_ELEMENTS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
    except _TooLong:
        raise BadSetting(
            "markdown", f"markdown takes more than {seconds:g} seconds to parse. Send it in parts."
        ) from None
    finally:
        _one_at_a_time.release()
    return f'<div class="markdown-body">{clean}</div>'


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.core.ruler.push("plain", _make_plain)
    # First of all rules, and asked wherever a block may end, so that no loop of the parser goes on for long.
    parser.inline.ruler.before("text", "deadline", lambda state, _silent: _go_on(state.env))
    parser.inline.ruler.before("strikethrough", "long_run", _take_long_run)
    everywhere: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "deadline", lambda state, *_lines: _go_on(state.env), everywhere)
    return parser


def _take_long_run(state: Any, silent: bool) -> bool:
    """A thousand marks in a row are no emphasis but text: the parser makes several objects of each, all at once."""
    run = _LONG_RUN.match(state.src, state.pos)
    if run is None:
        return False
    if not silent:
        state.pending += run[0]
    state.pos = run.end()
    return True


def _go_on(env: MutableMapping[str, Any]) -> bool:
    env["asked"] += 1
    if env["asked"] % _CHECK_EVERY == 0:
        _check(env)
    return False


def _check(env: MutableMapping[str, Any]) -> None:
    if time.thread_time() > env["end"]:
        raise _TooLong


def _make_plain(state: Any) -> None:
    """Take the HTML out of what was parsed, and turn the style that aligns a table's cell into its attribute."""
    _check(state.env)
    for token in state.tokens:
        if token.type == "html_block":
            rest = html.escape(_MARKUP.sub("", token.content).strip())
            token.content = f"<p>{rest}</p>\n" if rest else ""
        elif token.children:
            token.children = list(_spoken(token.children))
        elif style := token.attrs.pop("style", None):
            token.attrs["align"] = str(style).removeprefix("text-align:")


def _spoken(tokens: "Sequence[Token]") -> "list[Token]":
    """Without tags, and without what stands in a script or style."""
    kept, inside = [], ""
    for token in tokens:
        if token.type != "html_inline":
            kept += [] if inside else [token]
        elif inside:
            inside = "" if token.content.lower().startswith(f"</{inside}") else inside
        elif unspoken := _UNSPOKEN.match(token.content):
            inside = unspoken[1].lower()
    return kept
