"""Draws a score under its picture: shots, cuts, curves, notes and sound on one common time axis."""
