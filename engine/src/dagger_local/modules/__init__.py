"""Python modules: their environment, their process, their types in the API, and calls of their functions."""
