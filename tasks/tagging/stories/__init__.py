"""Fingerprints: what an article is recognised by when it is told again, by others, elsewhere."""
