from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pytest

from generators.errors import InvalidScore
from generators.score.controls import measure
from generators.score.score import Chord, Form, Key, Metre, Mode, Note, Quality, Role, Score
from generators.score.style import STYLES, Style
from training.arranger.arrange import arrange, arrange_lead_sheet, fitted_spec
from training.arranger.harmony import final_bar
from training.arranger.lead_sheet import LeadSheet
from training.arranger.spec import PieceSpec, draw_spec, lay_out

FORM = lay_out([(Form.INTRO, 4), (Form.A, 8), (Form.B, 8), (Form.A, 8), (Form.B, 8), (Form.OUTRO, 4)])


def spec_of(style: Style, energy: float = 0.6, **changes: object) -> PieceSpec:
    spec = replace(draw_spec(Random(1), style), form=FORM, metre=Metre.FOUR_FOUR, energy=energy, density=0.5)
    return replace(spec, **changes)  # type: ignore[arg-type]


def mean(score: Score, name: str) -> float:
    controls = measure(score)
    return float(controls.values[name][controls.mask(name)].mean())


@pytest.mark.parametrize("style", STYLES)
def test_drawn_pieces_are_valid_and_within_their_ranges(style: Style) -> None:
    rng = Random(11)
    for seed in range(4):
        spec = draw_spec(rng, style)
        score = arrange(spec, seed).validate()
        assert (score.bars, score.key, score.metre, score.tempo_bpm) == (
            spec.bars,
            spec.key,
            spec.metre,
            spec.tempo_bpm,
        )
        assert all(28 <= n.pitch <= 55 for n in score.parts.get(Role.BASS, ()))
        assert all(55 <= n.pitch <= 96 for n in score.parts.get(Role.LEAD, ()))
        assert all(list(notes) == sorted(notes) for notes in score.parts.values())


@pytest.mark.parametrize("metre", list(Metre))
@pytest.mark.parametrize("style", STYLES)
def test_every_style_can_be_arranged_in_every_metre(style: Style, metre: Metre) -> None:
    score = arrange(spec_of(style, 0.9, metre=metre), 3)
    assert len(score.parts) >= 3


def test_the_same_seed_gives_the_same_score_and_another_seed_another() -> None:
    spec = spec_of(Style.CINEMATIC)
    assert arrange(spec, 5) == arrange(spec, 5)
    assert arrange(spec, 5) != arrange(spec, 6)


@pytest.mark.parametrize("style", STYLES)
def test_a_returning_section_repeats_its_theme(style: Style) -> None:
    for seed in range(2):
        score = arrange(spec_of(style, 0.8), seed)
        for start in (4, 12):
            first, second = (
                {(n.onset - 16 * s, n.pitch) for n in score.parts.get(Role.LEAD, ()) if s <= n.onset // 16 < s + 8}
                for s in (start, start + 16)
            )
            assert len(first & second) >= 0.8 * len(first)


@pytest.mark.parametrize("style", STYLES)
def test_measured_energy_rises_with_the_asked(style: Style) -> None:
    measured = [
        np.mean([mean(arrange(spec_of(style, energy), seed), "energy") for seed in range(3)])
        for energy in (0.05, 0.5, 0.95)
    ]
    assert measured == sorted(measured)
    assert measured[-1] - measured[0] > 0.2


@cache
def drawn_pieces() -> tuple[tuple[PieceSpec, Score], ...]:
    rng = Random(8)
    specs = [draw_spec(rng) for _ in range(56)]
    return tuple((spec, arrange(spec, seed)) for seed, spec in enumerate(specs))


@pytest.mark.parametrize("name", ["energy", "density", "brightness"])
def test_what_is_asked_is_what_is_measured(name: str) -> None:
    asked = np.argsort(np.argsort([getattr(spec, name) for spec, _ in drawn_pieces()]))
    measured = np.argsort(np.argsort([mean(score, name) for _, score in drawn_pieces()]))
    assert np.corrcoef(asked, measured)[0, 1] >= 0.75


@pytest.mark.parametrize("style", STYLES)
def test_a_piece_ends_together_on_its_tonic_and_lets_it_ring(style: Style) -> None:
    rng = Random(6)
    for seed in range(3):
        spec = draw_spec(rng, style)
        score = arrange(spec, seed)
        per = score.metre.steps_per_bar
        last = max(n.onset for notes in score.parts.values() for n in notes)
        assert last == final_bar(spec) * per
        assert last <= score.steps - per // 2
        final = {n.pitch % 12 for role in (Role.LEAD, Role.BASS) for n in score.parts.get(role, ()) if n.onset == last}
        assert final <= {spec.key.tonic}
        end = score.chords[-1]
        assert end is not None
        assert end.root == spec.key.tonic


@pytest.mark.parametrize("style", STYLES)
def test_melodies_rest_on_chord_tones_and_move_by_step(style: Style) -> None:
    strong, steps, leaps, inside = [], [], [], []
    for seed in range(3):
        score = arrange(spec_of(style, 0.7), seed)
        lead = score.parts[Role.LEAD]
        for n in lead:
            chord = score.chords[n.onset // 8]
            assert chord is not None
            strong += [n.pitch % 12 in chord.pitch_classes] if n.onset % 8 == 0 else []
            inside.append(n.pitch % 12 in score.key.scale)
        moves = np.abs(np.diff([n.pitch for n in lead]))
        steps += list(moves <= 2)
        leaps += list(moves > 12)
    assert np.mean(strong) > 0.8
    assert np.mean(inside) > 0.8
    assert np.mean(steps) > 0.4
    assert np.mean(leaps) < 0.02  # only where another section starts


@pytest.mark.parametrize("style", STYLES)
def test_parts_have_no_more_voices_than_their_roles(style: Style) -> None:
    most = {Role.LEAD: 2, Role.COUNTER: 2, Role.CHORDS: 5, Role.PAD: 5, Role.BASS: 1}
    score = arrange(spec_of(style, 1.0), 2)
    for role, limit in most.items():
        sounding = np.zeros(score.steps, int)
        for n in score.parts.get(role, ()):
            sounding[n.onset : n.onset + n.duration] += 1
        assert sounding.max() <= limit


def test_nothing_lies_a_semitone_from_the_lead_on_a_beat() -> None:
    for style in STYLES:
        score = arrange(spec_of(style, 0.9), 4)
        lead = {s: n.pitch for n in score.parts[Role.LEAD] for s in range(n.onset, n.onset + n.duration)}
        others = [n for role in (Role.CHORDS, Role.PAD, Role.COUNTER) for n in score.parts.get(role, ())]
        for n in others:
            beats = [s for s in range(n.onset, n.onset + n.duration) if s % 4 == 0]
            assert not any(abs(lead.get(s, 0) - n.pitch) == 1 for s in beats)


def test_styles_without_drums_have_none_and_house_keeps_four_on_the_floor() -> None:
    for style in (Style.AMBIENT, Style.ACOUSTIC, Style.ROMANTIC):
        assert Role.DRUMS not in arrange(spec_of(style, 1.0), 1).parts
    house = arrange(spec_of(Style.HOUSE, 0.8), 1)
    kicks = {n.onset for n in house.parts[Role.DRUMS] if n.pitch == 36}
    chorus = range(12 * 16, 19 * 16, 4)
    assert kicks >= set(chorus)


def tune(metre: Metre = Metre.FOUR_FOUR, bars: int = 16) -> LeadSheet:
    per = metre.steps_per_bar
    melody = tuple(Note(b * per + s, 60 + (4, 7, 5)[s // 4 % 3], 4, 80) for b in range(bars) for s in range(0, per, 4))
    chords = tuple(Chord(0, Quality.MAJ) if b % 2 == 0 else None for b in range(2 * bars))
    return LeadSheet(Key(0, Mode.MAJOR), metre, bars, melody, chords, "scale study")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("metre", list(Metre))
def test_a_given_tune_is_sung_in_full_in_the_asked_key(style: Style, metre: Metre) -> None:
    sheet = tune(metre)
    spec = replace(spec_of(style, 0.9), key=Key(2, Mode.MINOR))
    score = arrange_lead_sheet(sheet, spec, 1)
    fitted = fitted_spec(sheet, spec)
    assert score.key == fitted.key == Key(2, Mode.MAJOR)
    assert score.metre is metre
    start = fitted.form[0].bars * metre.steps_per_bar
    sung = {n.onset - start: n.pitch % 12 for n in score.parts[Role.LEAD]}
    assert all(sung.get(n.onset) == (n.pitch + 2) % 12 for n in sheet.melody)


def test_a_long_tune_is_cut_to_the_longest_piece() -> None:
    assert arrange_lead_sheet(tune(bars=120), spec_of(Style.FOLK), 1).bars <= 64


def test_an_unsound_sheet_is_refused() -> None:
    with pytest.raises(InvalidScore, match="outside the tune"):
        replace(tune(), melody=(Note(999, 60, 4, 80),)).validate()
    with pytest.raises(InvalidScore, match="need 32 chords"):
        replace(tune(), chords=()).validate()
    with pytest.raises(InvalidScore, match="at least"):
        replace(tune(), melody=()).validate()
