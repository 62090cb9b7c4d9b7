"""Trained models from elsewhere: the Hugging Face Hub, mirrors, what lies here already, and publishing."""
