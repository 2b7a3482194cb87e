"""The procedural arranger: composes full scores, or arranges given tunes, as training data with perfect labels."""
