"""The bundled newsroom: original finance stories, served on loopback, with their gold labels."""
