"""Tests of what a network does to connections, in real time."""
