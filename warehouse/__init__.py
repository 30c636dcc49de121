"""The warehouse: the only folder that imports duckdb.

It knows tables, columns and rows; nothing else of ours is imported here.
"""
