"""The score engine: symbols, their codec, the plan in time and MIDI."""
