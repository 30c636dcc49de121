"""The securities reference: who is listed where, under which symbols and names."""
