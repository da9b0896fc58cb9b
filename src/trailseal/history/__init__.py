"""What to do with objects delivered before the switch: census, method per object, digest chain. Pure."""
