"""Forms of storages and destinations that come twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from owox.models.base import new_id
from owox.services import destinations, storages
from owox.services.destinations import NewDestination
from owox.services.once import AlreadyMade
from owox.services.storages import NewStorage
from tests.cast import Stage
from tests.services.acts import acting, outcome


def storage(stage: Stage, form: str) -> str:
    """Create a storage by a form; return its id."""
    with stage.session() as session:
        new = NewStorage("DUCKDB", "Once", id=form)
        return storages.create(session, stage.services.keeper, acting(stage, "alice"), new).storage.id


def destination(stage: Stage, form: str) -> str:
    """Create a destination by a form; return its id."""
    with stage.session() as session:
        new = NewDestination("LOOKER_STUDIO", "Once", {}, id=form)
        by = acting(stage, "alice")
        return destinations.create(session, stage.services.keeper.vault, by, new).destination.id


@pytest.mark.parametrize("create", [storage, destination])
def test_a_form_that_comes_again_makes_nothing_and_names_what_it_made(
    create: Callable[[Stage, str], str], shared_stage: Stage
):
    """K17."""
    form = new_id()

    made = create(shared_stage, form)
    with pytest.raises(AlreadyMade) as caught:
        create(shared_stage, form)

    assert caught.value.id == made == form


@pytest.mark.parametrize("create", [storage, destination])
def test_of_forms_that_come_at_the_same_moment_one_wins(create: Callable[[Stage, str], str], shared_stage: Stage):
    """K17."""
    form = new_id()

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda _: outcome(lambda: create(shared_stage, form)), range(4)))

    assert sorted(ends) == ["AlreadyMade", "AlreadyMade", "AlreadyMade", "done"]
