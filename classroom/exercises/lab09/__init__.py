"""The exercises of lab 09: boxes without anchors."""
