"""Colours and sizes of the picture: dark ink on warm paper, one colour a role."""

from generators.score.score import Role

PAPER = "#fbf9f4"
INK = "#22252b"
FAINT = "#8f8b82"
HAIR = "#ddd8cc"
CUT = "#c8372d"
ROLES = {
    Role.LEAD: "#d1495b",
    Role.COUNTER: "#e58c4b",
    Role.CHORDS: "#3c7a89",
    Role.PAD: "#9bb8ac",
    Role.BASS: "#2e4057",
    Role.DRUMS: "#5c574f",
    Role.EFFECTS: "#8a5a9e",
}
CURVES = {"energy": "#d1495b", "density": "#3c7a89", "brightness": "#d9a21b", "motion": "#8f8b82"}
SECTIONS = {
    "intro": "#dfe7e3",
    "a": "#e9dcc4",
    "b": "#f0cdb6",
    "bridge": "#d7dbe8",
    "build": "#eec1b4",
    "outro": "#e3e0d8",
}
SMALL, NORMAL, LARGE = 7.5, 9.0, 17.0
