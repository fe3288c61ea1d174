"""Home Assistant as a closed home: beside the deployed function, its table, and the app."""
