"""Tests of service.observe."""
