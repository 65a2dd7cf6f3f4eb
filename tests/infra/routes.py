"""Many apps in one process: what Werkzeug compiles to write a route's addresses is compiled once, not for each app.

It depends on the route's text and defaults alone, and takes most of the time in which an app is made.
"""

from collections.abc import Callable

from werkzeug.routing import Rule


def compile_once() -> None:
    """Let all apps of this process share the compiled builders of addresses."""
    compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        text = (append_unknown, *rule._trace, *(rule.defaults or {}).items())
        if text not in compiled:
            compiled[text] = compile_builder(rule, append_unknown)
        return compiled[text]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
