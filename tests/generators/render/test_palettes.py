"""Palettes: complete, playable, chosen by seed."""

import pytest

from generators.render.bank import NoteBank
from generators.render.palettes import PALETTES, palette_for
from generators.score.score import Effect, Role
from generators.score.style import STYLES, Style


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_palettes_for_all_roles_from_the_bank(bank: NoteBank, style: Style) -> None:
    assert len(PALETTES[style]) >= 2
    assert len({p.name for p in PALETTES[style]}) == len(PALETTES[style])
    for palette in PALETTES[style]:
        assert set(palette.parts) == set(Role)
        assert palette.style is style
        assert {palette.accent, palette.soft_accent} <= set(Effect)
        for part in palette.parts.values():
            assert all(voice.instrument in bank for voice in part.voices)


def test_the_same_seed_chooses_the_same_palette_and_all_are_chosen_by_some() -> None:
    for style in STYLES:
        names = [palette_for(style, seed).name for seed in range(40)]
        assert names == [palette_for(style, seed).name for seed in range(40)]
        assert set(names) == {p.name for p in PALETTES[style]}


def test_drums_are_played_by_kits_and_pitches_by_instruments(bank: NoteBank) -> None:
    for palettes in PALETTES.values():
        for palette in palettes:
            for role, part in palette.parts.items():
                for voice in part.voices:
                    assert bank.instrument(voice.instrument).pitched is (role is not Role.DRUMS)


def test_jazz_swings_and_house_does_not() -> None:
    assert palette_for(Style.JAZZ, 0).swing > 0.5
    assert palette_for(Style.HOUSE, 1).swing < 0.2
