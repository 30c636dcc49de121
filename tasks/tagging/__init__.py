"""Articles get their tickers and topics; what is known about them lies here as data files."""
