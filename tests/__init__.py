"""Tests of Alexa Doorbell."""
