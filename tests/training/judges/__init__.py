"""Tests of the corpus reader on tiny files made in the tests."""
