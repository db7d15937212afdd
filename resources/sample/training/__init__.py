"""How the sample detector and its pictures were made."""
