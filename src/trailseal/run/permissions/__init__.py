"""The IAM permissions that each verb needs, as narrow as AWS lets them be written."""
