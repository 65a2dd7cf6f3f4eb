"""The cast itself: copies do not touch each other."""

from tests.cast import Stage


def test_a_stage_has_its_cast_and_its_keys(stage: Stage):
    assert stage.key_count() == 5

    stage.more("bob")

    assert stage.key_count() == 6


def test_another_stage_is_as_the_cast_was_made(stage: Stage):
    assert stage.key_count() == 5
    assert stage["charlie"].project_id != stage["alice"].project_id
