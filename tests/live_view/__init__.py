"""Tests of the door on an Echo's screen."""
