"""Which securities an article names: layers of evidence, then one tag a security."""
