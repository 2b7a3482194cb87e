"""Workers: a supervisor that holds leases, and a warm child that makes music."""
