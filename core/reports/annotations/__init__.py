"""Accuracy of both models by the ground truth of an annotated dataset."""
