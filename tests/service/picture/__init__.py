"""Tests of the picture of a score."""
