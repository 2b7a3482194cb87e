"""Tests of what deploy/ describes."""
