"""The simulated Amazon: customers with Echos, Login with Amazon, event gateways, skill."""
