"""Folders of annotated images in the usual formats, each read into one dict in COCO's format, so that all later code has one path."""
