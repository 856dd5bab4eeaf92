"""The exercises of the labs and the machine that checks them."""
