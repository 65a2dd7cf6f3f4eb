"""Markdown becomes HTML that holds what was written and can do nothing."""

import html
import re
import threading
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from owox.services import markdown
from owox.services.errors import BadSetting, Unavailable
from owox.services.markdown import to_html

ELEMENTS = {
    "a",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
ATTRIBUTES = {"align", "alt", "class", "href", "rel", "src", "start", "title"}
WRITTEN = {
    "# One\n## Two": "<h1>One</h1>\n<h2>Two</h2>",
    "*a* **b** ~~c~~ `d<e`": "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d&lt;e</code></p>",
    "- a\n- b\n\n3. c": '<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start="3">\n<li>c</li>\n</ol>',
    "> quoted\n\n---": "<blockquote>\n<p>quoted</p>\n</blockquote>\n<hr>",
    "```sql\nSELECT 1 < 2\n```": '<pre><code class="language-sql">SELECT 1 &lt; 2\n</code></pre>',
    "a  \nb & c": "<p>a<br>\nb &amp; c</p>",
    "![logo](/logo.png)": '<p><img src="/logo.png" alt="logo"></p>',
    '[x](https://a.b/?c=d&e "t")': '<p><a href="https://a.b/?c=d&amp;e" title="t" rel="noopener noreferrer">x</a></p>',
    "<ann@example.com>": '<p><a href="mailto:ann@example.com" rel="noopener noreferrer">ann@example.com</a></p>',
    "Замовлення 🫖 名": "<p>Замовлення 🫖 名</p>",
    "": "",
}
DROPPED = {
    "Hello <script>alert(1)</script> *you*": "<p>Hello  <em>you</em></p>",
    "<script>\n\nalert(1)\n\n</script>\n\nx": "<p>x</p>",
    "a <SCRIPT src=//x.y>b": "<p>a </p>",
    "<style>p { display: none }</style>\n\nx": "<p>x</p>",
    "<div onclick='x()'>Hi & <i>you</i></div>": "<p>Hi &amp; you</p>",
    "<b>bold</b> <img src=x onerror=x()>": "<p>bold </p>",
    "<!-- a\n\nb -->\n\nx": "<p>x</p>",
    "<?php x ?>\n\n<![CDATA[y]]>": "<p>y</p>",
}
ATTACKS = [
    "[a](javascript:alert(1))",
    "[a](JaVa&#115;cript:alert(1))",
    "[a](java\tscript:x)",
    "[a](vbscript:x)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](data:image/svg+xml,<svg/onload=x()>)",
    "![a](data:image/png;base64,AA)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[a]: javascript:x\n\n[a]",
    '[a](https://x.y "\\" onclick=\\"x()")',
    '![a](https://x.y/z.png" onerror="x())',
    '```"><script>x()</script>\ncode\n```',
    "```x onclick=y\ncode\n```",
    "| a |\n|:-:|\n| <img src=x onerror=x()> |",
    "<svg><script>x()</script></svg>",
    "<math><mi//xlink:href='data:x,<script>'>",
    "<iframe srcdoc='<script>x()</script>'></iframe>",
    "<p style='background:url(javascript:x())'>a</p>",
    "</div></div><form action=//x.y><input name=password>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<a href='x' <script>x()</script>>",
    "&lt;script&gt;x()&lt;/script&gt;",
    "<base href=//x.y>",
    "<style>@import '//x.y'</style>",
    "<noscript><p title='</noscript><img src=x onerror=x()>'>",
    "[a](file:///etc/passwd)",
    "[a](\x01javascript:x)",
    "<plaintext>",
]
BOMBS = {
    "brackets": "[" * 100_000,
    "quotes": ">" * 100_000,
    "pictures": "![" * 50_000,
    "links": "[a](" * 50_000,
    "tags": "<b>" * 60_000,
    "stars": "*a **b " * 30_000,
    "nested": "*" * 999_999 + "a" + "*" * 999_999,
    "ticks": "`a" * 100_000,
    "table": "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "|\n" * 30_000,
    "lists": "- " * 200_000,
    "cells": "|x|y|\n" * 30_000,
    "references": "[a]: /u\n\n" + "[a] " * 50_000,
    "signs": "&" * 200_000,
    "open": "<" * 200_000,
    "long": "a" * 2_000_000,
}


class _Seen(HTMLParser):
    """The elements of a text, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def inside(text: str) -> str:
    """The HTML of a text, without the element around it."""
    found = re.fullmatch(r'<div class="markdown-body">(.*)</div>', to_html(text), re.DOTALL)
    assert found
    return found[1].strip()


def outcome(text: str, seconds: float = 5) -> str:
    """Why a text is refused; empty when it is not."""
    try:
        to_html(text, seconds)
    except (BadSetting, Unavailable) as error:
        return str(error)
    return ""


def assert_harmless(made: str) -> None:
    """Nothing in it but the elements and attributes that a text needs, and addresses that lead to pages."""
    for tag, attributes in _Seen(made).elements:
        assert tag in ELEMENTS, made
        assert set(attributes) <= ATTRIBUTES, made
        for name in {"href", "src"} & set(attributes):
            address = re.sub(r"[\x00-\x20]", "", attributes[name] or "").lower()
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
            assert scheme is None or scheme[1] in {"http", "https", "mailto"}, made
        assert re.fullmatch(r"markdown-body|language-.*", attributes.get("class") or "markdown-body"), made


@pytest.mark.parametrize(("text", "made"), WRITTEN.items())
def test_what_is_written_is_shown(text: str, made: str):
    assert inside(text) == made


def test_a_table_keeps_the_sides_of_its_columns():
    made = inside("| a | b |\n|:--|--:|\n| 1 | 2 |")

    assert re.findall(r"<(t[hd] align=\"\w+\")>(\w)", made) == [
        ('th align="left"', "a"), ('th align="right"', "b"), ('td align="left"', "1"), ('td align="right"', "2"),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "made"), DROPPED.items())
def test_html_in_the_text_is_dropped_and_its_text_stays(text: str, made: str):
    assert inside(text) == made


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_it_can_run_load_or_send(text: str):
    """W8."""
    assert_harmless(to_html(text))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*ATTACKS, *DROPPED, *"[]()<>!*_`~|&\"' \n\\", "a", "\n\n", "> ", "- "]), max_size=12))
def test_no_mixture_of_them_can(parts: list[str]):
    """W8."""
    assert_harmless(to_html("".join(parts)))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_plain_letters_stay_what_they_are(text: str):
    """I2: any text gives HTML, and letters in it are lost nowhere."""
    letters = "".join(char for char in text if char.isalpha())

    shown = html.unescape(re.sub(r"<[^>]*>", "", to_html(" ".join(letters))))

    assert "".join(shown.split()) == "".join(letters.split())


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_ends_at_its_time(what: str):
    """I2: by the thread's own clock, so that a busy machine changes nothing."""
    begin = time.thread_time()

    told = outcome(BOMBS[what], 0.3)

    assert time.thread_time() - begin < 3
    assert told in ("", "markdown takes more than 0.3 seconds to parse. Send it in parts.")


@pytest.mark.parametrize("mark", ["*", "_", "~~"])
def test_endless_marks_are_text(mark: str):
    marks = mark * 1_000

    assert inside(f"a {marks}b{marks} c") == f"<p>a {marks}b{marks} c</p>"
    assert inside(f"{mark}b{mark}") in {"<p><em>b</em></p>", "<p><s>b</s></p>"}


@pytest.mark.parametrize("what", ["brackets", "cells"])
def test_what_takes_too_long_is_refused_with_what_to_do(what: str):
    with pytest.raises(BadSetting, match="Send it in parts"):
        to_html(BOMBS[what], seconds=0.05)

    assert inside("*x*") == "<p><em>x</em></p>"


def test_one_text_is_converted_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """API4: whoever waits too long is told to come again."""
    monkeypatch.setattr(markdown, "WAIT_SECONDS", 0.05)
    other = threading.Thread(target=outcome, args=(BOMBS["brackets"] * 20, 1.0))
    other.start()
    told = ""
    while other.is_alive() and not told:
        told = outcome("x")

    other.join()
    assert told == "Another text is being converted. Try again in a few seconds."
    assert inside("x") == "<p>x</p>"
