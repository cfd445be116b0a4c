"""From proof to tokens: every endpoint and page that ends in a token pair or a cookie."""
