"""Tests of small records."""
