"""Tests of training.scenes."""
