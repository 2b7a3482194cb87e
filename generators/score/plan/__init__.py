"""Plan: where bars, sections and accents fall in time, and what each bar is asked to be."""
