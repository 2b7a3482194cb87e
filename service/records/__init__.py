"""Small JSON records with a time to live: uploads, keys, webhook endpoints, batches."""
