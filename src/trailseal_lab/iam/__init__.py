"""What moto's IAM leaves out: AWS managed policies on demand, and the policy simulator."""
