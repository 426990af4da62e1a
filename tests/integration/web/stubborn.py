"""A program that takes a lost terminal, and a polite word, for no reason to end."""

from __future__ import annotations

STUBBORN = """
import signal, time
for number in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print("up", flush=True)
while True:
    time.sleep(10)
"""
