"""Crawls at times, without a program of others: rows in the collection, and a service that minds them.

times     which times are due: pure, the clock comes in as an argument
service   take what is due, run each crawl in a process of its own, record how it went
minding   the same from the command line, until a signal or for one pass
rows      schedules as they are told
units     what systemd, cron or Kubernetes need to do the same
"""
