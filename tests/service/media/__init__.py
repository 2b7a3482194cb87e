"""Tests of media files in and out."""
