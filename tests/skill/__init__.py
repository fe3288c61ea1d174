"""Tests of the skill: its Lambda function, and the whole way of both kinds of homes."""
