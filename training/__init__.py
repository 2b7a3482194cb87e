"""Train what is shipped: corpus, captions, CLAP, codec, flow, adapters. Not part of the Bento."""
