"""Tests of the judges: what they say must be what is there."""
