"""Tests of the skill: its Lambda function, its package, and the command that makes it."""
