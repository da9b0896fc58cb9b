"""What to do with objects delivered before the switch: count them, re-encrypt them, prove them."""
