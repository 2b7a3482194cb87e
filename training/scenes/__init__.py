"""Scenes and story sentences of our own words, each with the mood that music for it should have."""
