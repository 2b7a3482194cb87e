"""The cue sheet gathers wishes in their order: asked, given, said in a caption, seen."""

from dataclasses import replace

import numpy as np
import pytest

from encoders.features import Events, ShotCut
from generators.score.score import Key, Metre, Mode, Note
from generators.score.tune import Tune
from schemas.cue_sheet import CueCut, CueSheet
from schemas.request import MusicRequest
from schemas.source import CaptionSource, Source, StorySource, VideoSource
from service.cues import FLASH_WEIGHT, Draft, duration_of
from service.errors import BadInput
from service.melody import GivenMelody
from service.sight import Impression, Sight
from tests.service.fake_parts import FakeParts

STORY = "The harbour was still.\n\nThen came the storm, with thunder and rain.\n\nAt night she was home."


def events() -> Events:
    times = np.linspace(0, 20, 201)
    flat = np.full(201, 0.5)
    cuts = (ShotCut(7.0, 1.0, "cut"), ShotCut(8.0, 0.9, "cut"), ShotCut(19.9, 1.0, "cut"))
    return Events(times, cuts, np.array([3.0, 7.1, 19.0]), flat, flat, flat, flat)


def sheet(
    *sources: Source,
    seen: Events | None = None,
    duration_s: float = 20.0,
    melody: GivenMelody | None = None,
    **fields: object,
) -> CueSheet:
    request = MusicRequest.model_validate({"sources": sources, **fields})
    tracks = [FakeParts().track(s, None, seed=0) for s in sources]
    impressions = tuple(Impression(s.kind, 1 / len(sources), t) for s, t in zip(sources, tracks, strict=True))
    return Draft(request, Sight(impressions, None, seen), duration_s, FakeParts().describe, melody).cue_sheet()


def test_a_caption_is_obeyed_and_an_option_is_obeyed_more() -> None:
    caption = CaptionSource(text="lofi at 80 bpm in D minor")
    said = sheet(caption)
    assert (said.tempo_bpm, said.tempo_exact, said.key, said.style) == (80.0, True, "D minor", "lofi")
    assert sheet(caption, tempo_bpm=100.0, key="C major").tempo_bpm == 100.0


def test_a_guessed_tempo_is_not_exact_even_when_sent_back() -> None:
    caption = CaptionSource(text="calm")
    first = sheet(caption)
    assert not first.tempo_exact
    assert sheet(caption, cue_sheet=first) == first


def test_cuts_and_motion_are_met_but_not_at_the_very_end() -> None:
    seen = sheet(VideoSource(path="v.mp4"), seen=events())
    assert [(c.time_s, c.source) for c in seen.cuts] == [(3.0, "motion"), (7.0, "cut"), (8.0, "cut")]
    assert set(seen.curves) == {"energy", "brightness"}


def test_scenes_are_not_cut_into_splinters() -> None:
    seen = sheet(VideoSource(path="v.mp4"), seen=events())
    assert [(s.start_s, s.end_s) for s in seen.sections] == [(0.0, 7.0), (7.0, 20.0)]


def test_a_flash_is_a_light_accent_and_no_border_however_bright() -> None:
    lit = replace(events(), cuts=(ShotCut(8.0, 1.0, "flash"),), motion_onsets_s=np.zeros(0))
    seen = sheet(VideoSource(path="v.mp4"), seen=lit)
    assert [(c.time_s, c.weight, c.source) for c in seen.cuts] == [(8.0, FLASH_WEIGHT, "flash")]
    assert seen.sections == ()


def test_a_story_has_a_section_for_every_paragraph() -> None:
    told = sheet(StorySource(text=STORY))
    assert [s.label for s in told.sections] == STORY.split("\n\n")
    assert told.sections[-1].end_s == told.duration_s


def test_given_cuts_replace_what_was_seen() -> None:
    asked = sheet(VideoSource(path="v.mp4"), seen=events(), cuts=(CueCut(time_s=4.0),))
    assert [c.time_s for c in asked.cuts] == [4.0]


def test_a_cut_beyond_the_end_of_the_video_is_bad_input() -> None:
    with pytest.raises(BadInput, match="cut at 30 s lies beyond the end"):
        sheet(VideoSource(path="v.mp4"), seen=events(), cuts=(CueCut(time_s=30.0),))


def test_another_seed_may_choose_another_key_but_the_same_seed_never() -> None:
    keys = [sheet(CaptionSource(text="calm"), seed=s).key for s in range(12)]
    assert keys == [sheet(CaptionSource(text="calm"), seed=s).key for s in range(12)]
    assert len(set(keys)) > 1


def test_the_duration_is_asked_or_the_videos_or_the_time_to_read_aloud() -> None:
    story = MusicRequest(sources=(StorySource(text="word " * 100),))
    assert duration_of(story, None) == 40.0
    assert duration_of(story, 12.5) == 12.5
    assert duration_of(story.model_copy(update={"duration_s": 7.0}), 12.5) == 7.0
    assert duration_of(MusicRequest(cue_sheet=CueSheet(duration_s=9.0)), None) == 9.0


def test_what_describes_nothing_still_gives_a_style() -> None:
    unknown = replace(FakeParts().describe(np.ones(4, np.float32)), style_probabilities={})
    request = MusicRequest(sources=(CaptionSource(text="calm"),))
    impression = Impression("caption", 1.0, FakeParts().track(request.sources[0], None, seed=0))
    draft = Draft(request, Sight((impression,)), 9.0, lambda point: unknown)
    assert draft.cue_sheet().style is not None


CALM = CaptionSource(text="calm")


def test_chords_bring_their_key_and_come_back() -> None:
    made = sheet(CALM, chords="Dm Bb F C")
    assert (made.chords, made.key) == ("Dm Bb F C", "D minor")
    assert sheet(CALM, cue_sheet=made) == made


def test_a_key_that_is_asked_for_or_said_wins_over_that_of_the_chords() -> None:
    assert sheet(CALM, chords="Dm Bb F C", key="F major").key == "F major"
    assert sheet(CaptionSource(text="calm, in F major"), chords="Dm Bb F C").key == "F major"
    assert sheet(CaptionSource(text="calm, in a major key"), chords="Dm Bb F C").key == "F major"


def test_chords_that_are_asked_for_win_over_those_of_a_sheet_that_was_given() -> None:
    given = CueSheet(duration_s=20, chords="Am F", key="A minor")
    made = sheet(CALM, cue_sheet=given, chords="Em C")
    assert (made.chords, made.key) == ("Em C", "A minor")


TUNE = Tune(Metre.THREE_FOUR, 84.0, Key(7, Mode.MINOR), tuple(Note(12 * i, 67, 12, 80) for i in range(16)))
WRITTEN = GivenMelody(TUNE, is_exact=True)


def test_a_melody_brings_its_metre_tempo_and_key() -> None:
    made = sheet(CALM, melody=WRITTEN)
    assert (made.metre, made.tempo_bpm, made.tempo_exact, made.key) == ("3/4", 84.0, True, "G minor")
    assert sheet(CALM, cue_sheet=made, melody=WRITTEN) == made


def test_the_tempo_of_a_hummed_melody_may_give_way_to_the_picture() -> None:
    made = sheet(CALM, melody=replace(WRITTEN, is_exact=False))
    assert (made.tempo_bpm, made.tempo_exact) == (84.0, False)


def test_what_is_asked_or_said_wins_over_what_the_melody_is_in() -> None:
    asked = sheet(CALM, melody=WRITTEN, tempo_bpm=100.0, key="A minor")
    said = sheet(CaptionSource(text="calm, in D minor at 92 bpm"), melody=WRITTEN)
    assert (asked.tempo_bpm, asked.key) == (100.0, "A minor")
    assert (said.tempo_bpm, said.key, said.metre) == (92.0, "D minor", "3/4")


def test_chords_decide_the_key_that_the_melody_is_moved_to() -> None:
    assert sheet(CALM, melody=WRITTEN, chords="Am F C G").key == "A minor"


def test_music_lasts_long_enough_for_the_whole_melody_unless_a_length_is_asked_for() -> None:
    request = MusicRequest(melody="tune.mid")
    assert duration_of(request, None, TUNE) == np.ceil(19 * 3 * 60 / 84)
    assert duration_of(request, 12.5, TUNE) == 12.5
    assert duration_of(request, None, replace(TUNE, notes=TUNE.notes[:2])) == 30.0


def cut_every(shot_s: float) -> Events:
    times = np.linspace(0, 20, 201)
    flat = np.full(201, 0.3)
    cuts = tuple(ShotCut(float(t), 1.0, "cut") for t in np.arange(shot_s, 19.9, shot_s))
    return Events(times, cuts, np.zeros(0), flat, flat, flat, flat)


def test_a_film_that_cuts_faster_never_gets_slower_or_weaker_music() -> None:
    made = [sheet(VideoSource(path="v.mp4"), seen=cut_every(s)) for s in (20.0, 5.0, 2.0, 0.8)]
    energies = [np.mean([p.value for p in m.curves["energy"]]) for m in made]

    assert (np.diff([m.tempo_bpm or 0.0 for m in made]) > 0).all()
    assert (np.diff(energies) >= 0).all()
    assert energies[-1] > energies[0]


def test_the_pace_of_a_film_does_not_touch_a_tempo_that_was_asked() -> None:
    assert sheet(VideoSource(path="v.mp4"), seen=cut_every(0.8), tempo_bpm=70.0).tempo_bpm == 70.0


def told(valence: float, arousal: float, **fields: object) -> CueSheet:
    """A story that feels like this; what its point says is always the same."""
    request = MusicRequest.model_validate({"sources": (StorySource(text=STORY),), **fields})
    track = FakeParts().track(request.sources[0], None, seed=0)
    felt = replace(track, moods=np.tile([valence, arousal], (len(track.points), 1)))
    return Draft(request, Sight((Impression("story", 1.0, felt),)), 20.0, FakeParts().describe).cue_sheet()


def mode_of(made: CueSheet) -> str:
    return (made.key or "").split()[1]


def test_a_sad_story_is_in_minor_a_happy_one_in_major_and_words_win() -> None:
    assert [mode_of(told(v, 0.4)) for v in (0.1, 0.25, 0.6, 0.9)] == ["minor", "minor", "major", "major"]
    assert told(0.1, 0.2, key="F major").key == "F major"


def test_a_happier_story_lies_higher_and_a_more_aroused_one_is_faster_and_stronger() -> None:
    bright = [told(v, 0.4).curves["brightness"][0].value for v in (0.1, 0.4, 0.7, 1.0)]
    paces = [told(0.5, a) for a in (0.1, 0.4, 0.7, 1.0)]

    assert (np.diff(bright) >= 0).all()
    assert bright[-1] > bright[0]
    assert (np.diff([p.tempo_bpm or 0.0 for p in paces]) > 0).all()
    assert (np.diff([p.curves["energy"][0].value for p in paces]) >= 0).all()


def test_a_mode_named_in_a_caption_wins_over_the_mood_of_a_story() -> None:
    sources = (StorySource(text=STORY), CaptionSource(text="music in a major key"))
    request = MusicRequest(sources=sources)
    sad, said = (FakeParts().track(s, None, seed=0) for s in sources)
    felt = replace(sad, moods=np.full((len(sad.points), 2), 0.05))
    sight = Sight((Impression("story", 0.5, felt), Impression("caption", 0.5, said)))

    assert mode_of(Draft(request, sight, 20.0, FakeParts().describe).cue_sheet()) == "major"


def test_a_story_that_brightens_rises_in_register_and_one_that_feels_the_same_all_along_stays_level() -> None:
    request = MusicRequest(sources=(StorySource(text=STORY),))
    track = FakeParts().track(request.sources[0], None, seed=0)

    def register(valences: list[float]) -> list[float]:
        felt = replace(track, moods=np.stack([valences, [0.5] * 4], axis=1))
        made = Draft(request, Sight((Impression("story", 1.0, felt),)), 20.0, FakeParts().describe).cue_sheet()
        return [p.value for p in made.curves["brightness"]]

    rising, level = register([0.1, 0.3, 0.6, 0.9]), register([0.5] * 4)

    assert (np.diff(rising) >= 0).all()
    assert rising[-1] > rising[0] + 0.1
    assert len(set(level)) == 1
