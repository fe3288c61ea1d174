"""Tests of what Alexa asks and is told."""
