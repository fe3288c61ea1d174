"""What Alexa asks and is told: the webhook, its answers, and reports of the doorbells."""
