"""The door on an Echo that has a screen: what becomes of an offer that Alexa makes."""
