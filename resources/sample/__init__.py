"""The sample project: a small detector, its pictures, and how both were made."""
