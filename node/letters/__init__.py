"""The register of letters 发文登记簿: numbers given, and who had a hand in each letter."""
