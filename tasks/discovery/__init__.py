"""How lists are read: feeds and sitemaps become listings. No network here."""
