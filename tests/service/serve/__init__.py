"""Tests of service.serve."""
