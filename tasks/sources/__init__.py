"""Declared places that list articles: one TOML file each, its schema, and the bundled newsroom."""
