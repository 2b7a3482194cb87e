"""Training of the audio engine: its codec and vocoder, and what they learn from."""
