"""Tests of who is linked."""
