"""What is asked of the network, and only where the user asked for it."""
