"""Pages become articles: the only folder that imports trafilatura."""
