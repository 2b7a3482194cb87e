"""Sing: conditioning in, music out. No HTTP, no queue; strangers to the encoders."""
