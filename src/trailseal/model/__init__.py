"""Values in AWS's own words. No I/O, no clock, nothing but frozen data and its codecs."""
