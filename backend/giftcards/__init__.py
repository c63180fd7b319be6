"""Gift cards sold at machines: issuers' codes in stock, each sold to exactly one transaction."""
