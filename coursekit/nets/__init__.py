"""Networks that know nothing of detection: they turn images into feature maps."""
