"""Tests of the procedural arranger."""
