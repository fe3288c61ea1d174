"""What the demo shows in the browser: the Alexa app and an Echo."""
