from bisect import bisect_right
from dataclasses import replace
from io import BytesIO

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.score.midi import chord_name, signature, write_midi, write_score_midi
from generators.score.midi_reading import read_midi
from generators.score.perform import perform, playable
from generators.score.plan.brief import Brief, Plan
from generators.score.plan.plan import plan
from generators.score.score import Chord, Metre, Quality, Role
from tests.generators.score.briefs import STRAIGHT, brief, briefs, scores, steady

PROGRAMS = {Role.LEAD: 73, Role.BASS: 33}


def opened(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=BytesIO(data))


@settings(max_examples=50)
@given(st.data(), briefs(longest_s=20.0))
def test_what_is_written_reads_back_as_the_same_score(data: st.DataObject, asked: Brief) -> None:
    made = plan(asked)
    score = data.draw(scores(made))
    wanted = playable(score, made)

    if not any(wanted.parts.values()):
        return
    back = read_midi(write_score_midi(score, made, PROGRAMS))

    assert back.parts == {role: notes for role, notes in wanted.parts.items() if notes}
    assert (back.metre, back.key, back.bars) == (wanted.metre, wanted.key, wanted.bars)
    assert back.tempo_bpm == wanted.tempo_bpm
    assert back.sections == made.sections
    assert back.chords == wanted.chords


@settings(max_examples=25)
@given(briefs(longest_s=60.0))
def test_the_tempo_map_puts_every_bar_line_where_the_plan_has_it(asked: Brief) -> None:
    made = plan(asked)

    file = opened(write_score_midi(steady(made), made, {}))

    assert file.length == pytest.approx(made.duration_s, abs=5e-4)
    for bar, time_s in zip(made.bars, _bar_times(file, made), strict=True):
        assert time_s == pytest.approx(bar.start_s, abs=5e-4)


def _bar_times(file: mido.MidiFile, made: Plan) -> list[float]:
    changes: list[tuple[int, int]] = []
    tick = 0
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            changes.append((tick, message.tempo))
    out, start = [], 0
    for bar in made.bars:
        seconds, at = 0.0, 0
        while at < start:
            index = bisect_right([t for t, _ in changes], at) - 1
            until = min([start, *(t for t, _ in changes[index + 1 : index + 2])])
            seconds += (until - at) / 480 * changes[index][1] / 1e6
            at = until
        out.append(seconds)
        start += bar.steps * 120
    return out


@settings(max_examples=20)
@given(st.data(), briefs(longest_s=20.0))
def test_a_performance_in_midi_sounds_when_it_should(data: st.DataObject, asked: Brief) -> None:
    made = plan(asked)
    played = perform(data.draw(scores(made)), made, STRAIGHT, seed=0)

    file = opened(write_midi(played, made, PROGRAMS))

    now, onsets = 0.0, []
    for message in file:
        now += message.time
        if message.type == "note_on":
            onsets.append(now)
    wanted = sorted(n.onset_s for notes in played.parts.values() for n in notes)
    assert onsets == pytest.approx(wanted, abs=2e-3)


def test_a_file_names_its_roles_programs_cuts_and_sections() -> None:
    made = plan(brief(20.0, (7.3, 0.9)))

    file = opened(write_score_midi(steady(made), made, PROGRAMS))

    assert {t.name for t in file.tracks[1:]} == {"lead", "counter", "chords", "pad", "bass", "drums"}
    drums = next(t for t in file.tracks if t.name == "drums")
    assert {m.channel for m in drums if m.type == "note_on"} == {9}
    assert 73 in {m.program for t in file.tracks for m in t if m.type == "program_change"}
    texts = [m.text for m in file.tracks[0] if m.type in ("marker", "cue_marker")]
    assert "cut 7.300 s weight 0.90" in texts
    assert any(t == "section outro" for t in texts)


def test_effects_have_their_names_on_their_track() -> None:
    made = plan(brief(20.0))
    score = steady(made)
    note = next(iter(score.parts[Role.BASS]))
    score = replace(score, parts={Role.EFFECTS: (replace(note, pitch=2),)})

    track = opened(write_score_midi(score, made, {})).tracks[1]

    assert "riser" in [m.text for m in track if m.type == "text"]


@pytest.mark.parametrize(
    ("steps", "metre", "name"),
    [
        (16, Metre.FOUR_FOUR, (4, 4)),
        (12, Metre.FOUR_FOUR, (3, 4)),
        (14, Metre.FOUR_FOUR, (7, 8)),
        (12, Metre.SIX_EIGHT, (6, 8)),
        (5, Metre.THREE_FOUR, (5, 16)),
    ],
)
def test_a_bar_with_dropped_beats_has_its_own_signature(steps: int, metre: Metre, name: tuple[int, int]) -> None:
    assert signature(steps, metre) == name


def test_chords_have_names() -> None:
    assert chord_name(Chord(6, Quality.MIN7)) == "F#:min7"
    assert chord_name(None) == "N"
