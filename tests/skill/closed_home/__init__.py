"""The function of the way without an open door: its archive in processes, its table in moto."""
