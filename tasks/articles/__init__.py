"""The words of the pipeline: records, their identity, their addresses, and what can go wrong.

Standard library only: everything else may import this, and this imports nothing of ours.
"""
