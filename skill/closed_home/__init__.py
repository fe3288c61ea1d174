"""Answers Alexa from a table that Home Assistant fills, so that nothing has to reach the home."""

from .handler import answer

__all__ = ["answer"]
