"""Tests of what is a doorbell here."""
