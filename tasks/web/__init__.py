"""The network: the only folder that imports httpx."""
