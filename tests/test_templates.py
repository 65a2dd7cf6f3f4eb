"""Rules for templates: they work without JavaScript and under a strict CSP; a partial is its own swap target."""

import re

import pytest

from tests.infra.markup import problems
from tests.infra.source import ROOT, lines, own

FOCUSED = re.compile(r"ui\.field\([^\n]*\n?[^\n]*autofocus=[^\n]*")
ICON = re.compile(r"\bicon\((.+?)\)")
PAGE_LINES = 80
PARTIAL_LINES = 40
BASE_LINES = 60

GOOD_PARTIAL = """
{# a row #}
<tr id="key-{{ key.id }}"{% if key.revoked %} class="muted"{% endif %}>
  <td title="Of {{ key.name }}">{{ key.name }}{% include "keys/_badge.html" %}<br></td>
  <td><a href="{{ url_for('keys.edit') }}" hx-get="{{ url_for('keys.edit') }}" hx-nonce="{{ csp_nonce }}">Edit</a>
    <form action="{{ url_for('keys.revoke') }}" method="post">
      <button hx-post="{{ url_for('keys.revoke') }}" hx-nonce="{{ csp_nonce }}">Revoke</button>
    </form></td>
</tr>
"""
BAD = {
    "inline script": "<script>go()</script>",
    "inline script with a source": '<script src="a.js">go()</script>',
    "inline style": "<style>p {}</style>",
    "style attribute": '<p style="color: red">x</p>',
    "handler": '<p onclick="go()">x</p>',
    "htmx handler": '<p hx-on:click="go()" hx-nonce="x">x</p>',
    "code in a link": '<a href=" JavaScript:go()">x</a>',
    "code in values": '<form action="/" hx-vals="js:{a: 1}" hx-nonce="x"></form>',
    "code in a trigger": '<form action="/" hx-trigger="click[ctrlKey]" hx-nonce="x"></form>',
    "safe filter": "<p>{{ name | safe }}</p>",
    "name in a sentence": "<p>Of\n  {{ person.name }}.</p>",
    "escaping off": "{% autoescape false %}<p>{{ name }}</p>{% endautoescape %}",
    "htmx without a nonce": '<a href="/" hx-get="/">x</a>',
    "nonce for all below": '<a href="/" hx-get="/" hx-nonce:inherited="x">x</a>',
    "htmx without an address": '<a hx-get="/" hx-nonce="x">x</a>',
    "htmx on a form without an action": '<form hx-post="/" hx-nonce="x"></form>',
    "htmx on a plain element": '<div hx-get="/" hx-trigger="load" hx-nonce="x"></div>',
    "include by variable": "{% include name %}",
    "include that may be missing": '{% include "a.html" ignore missing %}',
    "extends by variable": "{% extends layout %}",
    "import by variable": "{% from forms import field %}",
    "end without a start": "<p>x</p></div>",
    "start without an end": "<div><p>x</p>",
}
BAD_PARTIALS = {
    "two roots": '<p id="a">x</p><p id="b">y</p>',
    "two roots in branches": '{% if a %}<p id="a">x</p>{% else %}<p id="a">y</p>{% endif %}',
    "text beside the root": '{{ title }} <p id="a">x</p>',
    "no id": "<p>x</p>",
    "nothing": "{% if a %}{% endif %}",
}


def test_no_template_breaks_a_rule():
    """W3, W4: nothing inline, no code in attributes, no escaping switched off, a nonce on every htmx element."""
    found = [
        f"{path}:{problem}"
        for path in own("templates", ".html")
        for problem in problems((ROOT / path).read_text(), partial=path.name.startswith("_"))
    ]

    assert found == []


def test_templates_stay_within_their_budget():
    too_long = {}
    for path in own("templates", ".html"):
        limit = PARTIAL_LINES if path.name.startswith("_") else BASE_LINES if path.stem == "base" else PAGE_LINES
        if lines(path) > limit:
            too_long[str(path)] = (lines(path), limit)

    assert too_long == {}


def test_every_icon_in_use_stands_in_the_sprite_once():
    in_sprite = re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text())
    calls = [call for path in own("templates", ".html") for call in ICON.findall((ROOT / path).read_text())]
    used = {name for call in calls for name in re.findall(r'(?<!= )"([a-z0-9-]+)"', call)}

    assert "copy" in used
    assert used - set(in_sprite) == set()
    assert sorted(in_sprite) == sorted(set(in_sprite))


def test_a_dialog_that_asks_before_an_end_reads_out_what_it_asks():
    """Its focus is on Cancel, so that a screen reader would come past the question only by looking for it."""
    sources = {path: (ROOT / path).read_text() for path in own("templates", ".html")}
    asking = {path: text for path, text in sources.items() if "<dialog" in text and "danger" in text}

    told = {path: re.search(r'<dialog [^>]*aria-describedby="([\w-]+)"', text) for path, text in asking.items()}

    assert len(asking) > 5
    assert [str(path) for path, found in told.items() if not found or f'id="{found[1]}"' not in asking[path]] == []


def test_a_field_has_the_focus_only_where_no_other_is_refused():
    """Of several that ask for it, a browser gives it to the first; the refused one may be below."""
    fields = [call for path in own("templates", ".html") for call in FOCUSED.findall((ROOT / path).read_text())]

    assert len(fields) > 5
    assert [call for call in fields if "autofocus=True" in call] == []


def test_a_template_that_keeps_the_rules_passes():
    assert problems(GOOD_PARTIAL, partial=True) == []


@pytest.mark.parametrize("name", BAD)
def test_a_template_that_breaks_a_rule_is_found(name: str):
    assert problems(BAD[name]) != []


@pytest.mark.parametrize("name", BAD_PARTIALS)
def test_a_partial_that_is_not_one_element_is_found(name: str):
    assert problems(BAD_PARTIALS[name], partial=True) != []


def test_a_file_of_macros_is_no_partial():
    source = '{% macro icon(name) %}<svg class="icon"></svg>{% endmacro %}{% macro mark() %}<i></i>{% endmacro %}'

    assert problems(source, partial=True) == []


def test_a_problem_names_its_line():
    assert problems("<p>\n{{ a }}\n{# b\n #}</p>\n<p onclick='x'></p>") == ["5: <p> has onclick"]
