"""The notebooks: built from their sources, executed, and looked through before they are published."""
