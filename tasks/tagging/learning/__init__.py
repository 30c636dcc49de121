"""What a user's own labels teach: a model that adds topics to those of the rules, and removes some.

Only ``training.py`` imports scikit-learn; tagging with a model needs numpy alone.
"""
