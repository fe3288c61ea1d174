"""Tests of the command that makes a skill."""
