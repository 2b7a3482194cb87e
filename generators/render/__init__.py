"""Render: a timed performance to stems and a mastered mix."""
