"""The free score corpus, read where its archives lie: scores, lead sheets and statistics of harmony and groove."""
