"""Tests of the command line, the pipeline and the media around the music."""
