"""The processes that do the CPU work of a run. Prefect is never imported in them."""
