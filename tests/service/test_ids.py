"""Names sort by age and tell when they were made."""

import re
import time

from service.ids import made_at, new_id


def test_a_name_tells_when_it_was_made() -> None:
    before = time.time()
    assert before - 0.001 <= made_at(new_id("st")) <= time.time()
    assert made_at("st_01arz3ndektsv4rrffq69g5fav") == 1469922850.259  # the ULID specification's example


def test_names_differ_and_are_well_formed() -> None:
    names = {new_id("st") for _ in range(1000)}
    assert len(names) == 1000
    assert all(re.fullmatch(r"st_[0-9a-z]{26}", name) for name in names)
