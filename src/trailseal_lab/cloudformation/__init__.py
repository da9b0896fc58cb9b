"""CloudFormation: trails made by stacks, and the stack that a resource belongs to."""
