package enum PlaceholderHTTPTransport {}
