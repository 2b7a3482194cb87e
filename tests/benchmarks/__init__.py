"""Tests of the measuring tools: what a benchmark says must be what it measured."""
