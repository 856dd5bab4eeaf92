"""Pictures and what is known about them, as (image, Target) pairs."""
