"""The composition root: for each command, where operations come from, which target they go to, what remembers.

Nothing is imported here: a command that works offline does not wait for the sandbox to be imported.
"""
