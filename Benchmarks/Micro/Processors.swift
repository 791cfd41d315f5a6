import LogPipeline

/// The processors that are measured over the records of the payload, each with three actions or the like.
func processors() throws -> [(String, any Processor)] {
  let exclude = RecordMatcher([.severityNumber(minimum: 21, matchUndefined: false)])
  let debug = RecordMatcher([.body(try TextMatcher(["^(heartbeat|health check)"], .regexp))])
  return [
    (
      "attributes",
      AttributesProcessor(
        id: "attributes", owners: .records,
        actions: [
          .upsert(key: "deployment", .constant(.string("blue"))),
          .update(key: "http.request.method", .constant(.string("/"))),
          .delete(key: "thread.name", pattern: nil),
        ])
    ),
    (
      "attributes-hash",
      AttributesProcessor(id: "attributes", owners: .records, actions: [.hash(key: "user.id", pattern: nil)])
    ),
    (
      "resource",
      AttributesProcessor(
        id: "resource", owners: .resources,
        actions: [
          .insert(key: "cluster", .constant(.string("c1"))), .upsert(key: "host.name", .constant(.string("h"))),
          .delete(key: "service.instance.id", pattern: nil),
        ])
    ),
    ("filter-severity", FilterProcessor(id: "filter", selection: RecordSelection(exclude: exclude))),
    ("filter-body-regexp", FilterProcessor(id: "filter", selection: RecordSelection(exclude: debug))),
    ("redaction", redaction()),
    ("rate_limit", rateLimit()),
  ]
}

/// A limit to records and bytes, by service, which is not reached.
func rateLimit() -> RateLimitProcessor {
  var options = RateLimitOptions()
  options.records = Rate(perSecond: 1 << 40, burst: .seconds(1))
  options.bytes = options.records
  options.key = .resourceAttribute("service.name")
  options.onLimit = .drop
  return RateLimitProcessor(id: "rate_limit", options: options)
}

/// Redaction with all default detectors.
func redaction() -> RedactionProcessor {
  var options = RedactionOptions()
  options.allowAllKeys = true
  options.detectors = RuleSet.pack("default") ?? RuleSet()
  return RedactionProcessor(id: "redaction", options)
}

/// Bodies of 160 bytes each, or of as many as they have up to another number; without attributes.
func batch(ofBodies bodies: [String], bytes: Int = 160) -> LogBatch {
  var batch = LogBatch()
  batch.resources = [Resource()]
  batch.scopes = [Scope()]
  for index in 0..<100 {
    var record = LogRecord()
    var text = Array(bodies[index % bodies.count].utf8.prefix(bytes))
    while bytes == 160 && text.count < bytes { text.append(UInt8(ascii: ".")) }
    if let slice = batch.store(text) { record.body = .string(slice) }
    batch.records.append(record)
  }
  return batch
}

/// Texts as services write them, without anything sensitive.
let plainBodies = [
  "2026-11-23T10:15:30.123Z INFO  [http-nio-8080-exec-7] c.e.shop.CheckoutService - order 2026112300012345 placed for customer 84213 in 153 ms, 3 items, total 129.95 EUR",
  "GET /api/v1/products/550e8400-e29b-41d4-a716-446655440000?page=2&size=50 HTTP/1.1 200 5123 0.042 \"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0\"",
  "connection to upstream inventory-7d9f8c6b5-x2x9z.production.svc timed out after 3000 ms, retrying (attempt 2 of 5) with backoff 400 ms; circuit breaker half open now",
  "consumer group orders-1 rebalanced: partitions 0,1,2,5 assigned to member checkout-3 at offset 187364512, lag 42; previous generation 17, current generation 18, ok",
]

/// The same with one secret each.
let secretBodies = [
  "2026-11-23T10:15:30.123Z INFO  [http-nio-8080-exec-7] c.e.shop.CheckoutService - order placed with card 4111 1111 1111 1111 for customer 84213 in 153 ms, 3 items",
  "GET /api/v1/products?access_token=9f8e7d6c5b4a39281706&page=2&size=50 HTTP/1.1 200 5123 0.042 \"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0\"",
  "cannot connect to postgres://shop:hunter2hunter2@db-7d9f8c6b5.production.svc:5432/orders, retrying (attempt 2 of 5) with backoff 400 ms; circuit breaker half open",
  "customer 13812345678 verified with id 11010519491231002X: partitions 0,1,2,5 assigned to member checkout-3 at offset 187364512, lag 42; generation 17, current 18",
]
