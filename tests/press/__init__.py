"""Tests of what is a press, and of its way out."""
