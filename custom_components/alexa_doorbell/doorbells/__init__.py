"""What is a doorbell here: which entities can be one, are likely one, and become one."""
