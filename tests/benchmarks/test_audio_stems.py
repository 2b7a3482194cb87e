"""What the measurement of stems measures: who plays alone has everything, and who is silent is left out."""

from dataclasses import replace

import numpy as np

from benchmarks.audio_stems import told_apart
from tests.benchmarks.audio_world import plucked, small_stage


def test_who_plays_alone_has_the_whole_mix() -> None:
    found = told_apart(plucked(60), small_stage(clips=1))

    assert found is not None
    assert found.role == "lead"
    assert found.stem_db > 60.0
    assert found.astray < 1e-5


def test_a_stem_that_is_not_there_or_silent_does_not_count() -> None:
    clip, stage = plucked(60), small_stage(clips=1)

    assert told_apart(replace(clip, stem_role=-1), stage) is None
    assert told_apart(replace(clip, stem=np.zeros_like(clip.stem)), stage) is None
