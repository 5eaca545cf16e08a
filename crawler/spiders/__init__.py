"""The spiders: one, `news`."""
