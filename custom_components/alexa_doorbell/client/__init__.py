"""Speak with Amazon: Login with Amazon, the Alexa event gateway, and their documents."""
