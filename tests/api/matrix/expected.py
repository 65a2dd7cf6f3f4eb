"""Statuses of a route, for each kind of caller."""

from typing import NamedTuple


class Expected(NamedTuple):
    """Statuses, for each kind of caller."""

    nobody: int
    member: int
    charlie: int
    removed: int
    key: int
    charlies_key: int
    dead_key: int
    viewer: int | None = None  # by cookie or key, where that is not what other members get
    admin: int | None = None
    cookie_only: bool = False  # so that no role helps a key
    terminals: bool = False  # what a cookie opens, a terminal's sign-in opens too

    def of(self, column: str, who: str) -> int:
        """What somebody gets."""
        if column.endswith("terminal"):
            return self._of_terminal(column.removesuffix("terminal"))
        role = {"vera": self.viewer, "alice": self.admin}.get(who.partition("'")[0])
        status: int = getattr(self, column) if role is None or column not in self._by_role() else role
        return status

    def _by_role(self) -> set[str]:
        return {"member"} if self.cookie_only else {"member", "key"}

    def _of_terminal(self, whose: str) -> int:
        """Where it opens nothing: 403 at every door of the API, and as good as nobody where no header is read."""
        is_api = self.nobody == 401 != self.member
        if whose == "dead_":
            return self.dead_key if is_api else self.nobody
        if self.terminals:
            return self.charlie if whose == "charlies_" else self.member
        return 403 if is_api else self.nobody


def same(status: int) -> Expected:
    """A route that answers everybody alike."""
    return Expected(*[status] * 7)


PROJECT = "/projects/<project_id>"
#                                                          nobody member charlie removed key charlie's dead
FOR_PAGES = {"nobody": 303, "key": 303, "charlies_key": 303, "dead_key": 303}  # a page asks for a cookie, and only that
READ_BY_ALL = Expected(401, 200, 200, 403, 200, 200, 401)
OF_A_MART = READ_BY_ALL._replace(charlie=404, charlies_key=404)
CHANGE_OF_A_MART = OF_A_MART._replace(viewer=403)
OF_A_STORAGE = OF_A_MART._replace(viewer=403)
MADE = {"member": 201, "charlie": 201, "key": 201, "charlies_key": 201}
PAGE = Expected(member=200, charlie=404, removed=404, **FOR_PAGES)
CHANGE = Expected(member=303, charlie=404, removed=404, **FOR_PAGES)
ADMINS_PAGE = PAGE._replace(member=403, admin=200, cookie_only=True)
ADMINS_CHANGE = CHANGE._replace(member=403, admin=303, cookie_only=True)
FOR_COOKIES = Expected(401, 403, 200, 403, 403, 403, 401, cookie_only=True)
ACCOUNT = Expected(member=303, charlie=303, removed=303, **FOR_PAGES)
