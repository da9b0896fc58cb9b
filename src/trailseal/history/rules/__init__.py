"""The rules of history: census, manifest, method per object, digest chain. Pure."""
