"""What runs when: the flows, the settings they read and the newsledger command."""
