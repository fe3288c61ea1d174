"""What create_skill.py does, one module a concern; read `create.py` first."""
