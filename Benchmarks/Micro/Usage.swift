import LogPipeline

/// The requests of `count` services, whose records and bytes are counted or not.
func requestsOfServices(_ batch: borrowing LogBatch) -> [(name: String, body: [UInt8], tables: UsageTables?)] {
  let (one, many) = (request(of: batch, services: 1), request(of: batch, services: 100))
  let sizes = UsageTables.Sizes(tenants: 50, services: 50)
  return [
    ("to-both-counted", one, UsageTables(sizes)), ("100-services", many, nil),
    ("100-services-counted", many, UsageTables(sizes)),
    ("100-services-at-home", many, UsageTables(UsageTables.Sizes(tenants: 50, services: 200))),
  ]
}

/// The records of a batch of one resource as a request of several services, in turn.
private func request(of batch: borrowing LogBatch, services: Int) -> [UInt8] {
  var apart = batch.copied()
  let (resource, scope) = (batch.resources[0], batch.scopes[0])
  (apart.resources, apart.scopes) = ([], [])
  for service in 0..<services {
    let start = apart.attributes.count
    let name = apart.store("service-\(service)".utf8) ?? .empty
    for index in resource.attributes.indices {
      var attribute = batch.attributes[index]
      if apart.store[attribute.key.range].elementsEqual("service.name".utf8) { attribute.value = .string(name) }
      apart.attributes.append(attribute)
    }
    var (resource, scope) = (resource, scope)
    resource.attributes = EntryRange(start..<apart.attributes.count)
    scope.resource = UInt32(service)
    apart.resources.append(resource)
    apart.scopes.append(scope)
  }
  let records = batch.records.count
  for index in 0..<records { apart.records[index].scope = UInt32(index * services / records) }
  var frames = FrameWriter()
  try? OTLPDialect(transport: .http).encode(apart, into: &frames)
  return frames.bytes.array
}

/// Resources with a record and a service name of their own, in protobuf.
func resourcesOfTheirOwn(_ bytes: Int) -> [UInt8] {
  // ResourceLogs of 33 bytes: an attribute service.name with eight digits, and a scope with an empty record.
  var piece: [UInt8] = [0x0A, 0x21, 0x0A, 0x1B, 0x0A, 0x19, 0x0A, 0x0C] + Array("service.name".utf8)
  piece += [0x12, 0x09, 0x0A, 0x07] + Array("0000000".utf8) + [0x12, 0x02, 0x12, 0x00]
  piece[1] = UInt8(piece.count - 2)
  piece[3] = UInt8(piece.count - 8)
  piece[5] = UInt8(piece.count - 10)
  var body: [UInt8] = []
  body.reserveCapacity(bytes + piece.count)
  var number = 0
  while body.count < bytes {
    var rest = number
    for digit in 0..<7 {
      piece[piece.count - 5 - digit] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    body += piece
    number += 1
  }
  return body
}

/// Counting names that come once, by tenant and by service.
func usageCases() -> [WorstCase] {
  var policy = TenantPolicy()
  policy.sources = [.attribute("service.name")]
  return [
    WorstCase(name: "usage names of their own") { bytes in
      var ingest = IngestPipeline(
        pipelines: [Pipeline(id: "logs", processors: [], destinations: [])], limits: DecodeLimits(),
        tenants: Tenants(policy))
      ingest.usage = UsageTables(UsageTables.Sizes(tenants: UsageTables.maxNames, services: UsageTables.maxNames))
      _ = try? ingest.ingest(resourcesOfTheirOwn(bytes), as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
    }
  ]
}
