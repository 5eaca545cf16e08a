"""Measurements that anyone can run again; see README.md here."""
