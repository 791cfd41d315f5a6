package import Options

/// Speaks OTLP over gRPC to several servers (exporter `loadbalancing`): what has the same key goes to the same of them.
///
/// Which one is decided when records are accepted, and stands in the `SectionMark` before them as metadata, so that one
/// queue holds them for all.
package struct BalancedDialect: Dialect {
  /// What belongs together (`routing_key`).
  package enum Key: Sendable, Equatable {
    /// Records and spans of one trace; records of a request that have none.
    case trace
    /// What has the same texts in these attributes of the resource, the scope or the record; of spans and data points
    /// those of the resource count.
    case attributes([String])

    /// What has the same `service.name`.
    package static let service = Key.attributes(["service.name"])
  }

  /// The name in a mark's metadata of the member that records are for; no header field has it.
  package static let memberKey = "@member"

  private let base: OTLPDialect
  private let signal: Signal
  private let key: Key
  private let names: [[UInt8]]
  private let table: MemberTable

  package init(_ key: Key, signal: Signal = .logs, members: MemberTable) {
    base = OTLPDialect(transport: .grpc, signal: signal)
    self.signal = signal
    self.key = key
    if case .attributes(let given) = key { names = given.map { Array($0.utf8) } } else { names = [] }
    table = members
  }

  package var route: DialectRoute { base.route }
  package var bodyFormat: BodyFormat { base.bodyFormat }
  package var sectionMarks: SectionMarks { .written }
  package var hasSeveralServers: Bool { true }

  package func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    base.judge(answer, to: body, records: records)
  }

  package func middle(of body: UnsafeRawBufferPointer) -> Split? { base.middle(of: body) }
  package func halves(of body: UnsafeRawBufferPointer) -> Halves? { base.halves(of: body) }

  // MARK: Logs

  package func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    let ring = table.ring
    let places = places(of: batch, in: ring)
    var encoder = OTLPEncoder()
    var place: Int?
    for index in Self.order(by: places, of: ring) {
      if places[index] != place {
        place = places[index]
        encoder.closeGroup(of: batch, in: &frames.bytes)
        try Self.begin(places[index], of: ring, in: &frames)
      }
      try encoder.append(batch.records[index], of: batch, to: &frames)
    }
    try encoder.finish(batch, in: &frames)
  }

  /// The place of the member that each record goes to.
  private func places(of batch: borrowing LogBatch, in ring: MemberRing) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(batch.records.count)
    var text = ByteWriter(capacityBytes: 256)
    var last: (key: UInt64, place: Int)?
    for index in batch.records.indices {
      let key = key(of: batch.records[index], in: batch, &text)
      if last?.key != key { last = (key, ring.place(of: key) ?? 0) }
      places.append(last?.place ?? 0)
    }
    return places
  }

  private func key(of record: LogRecord, in batch: borrowing LogBatch, _ text: inout ByteWriter) -> UInt64 {
    if case .trace = key {
      return record.traceID.isNone ? MemberRing.mix(batch.receivedUnixNano) : MemberRing.key(of: record.traceID)
    }
    let scope = batch.scopes[Int(record.scope)]
    let places = [batch.resources[Int(scope.resource)].attributes, scope.attributes, record.attributes]
    return key(of: places, in: batch, &text)
  }

  /// The key of attributes: of each name the first place that has it counts.
  private func key(of places: [EntryRange], in batch: borrowing LogBatch, _ text: inout ByteWriter) -> UInt64 {
    text.removeAll()
    for name in names {
      for attributes in places {
        guard let found = name.withUnsafeBytes({ AttributeEditor(attributes).index(of: $0, in: batch) }) else {
          continue
        }
        text.appendText(batch.attributes[found].value, of: batch)
        break
      }
      text.append("\0")
    }
    return text.withUnsafeBytes { RequestHash(of: $0).high }
  }

  /// Indices by the places that belong to them, and in their order for each.
  private static func order(by places: [Int], of ring: MemberRing) -> [Int] {
    var starts = [Int](repeating: 0, count: ring.members.count &+ 2)
    for place in places { starts[place &+ 1] &+= 1 }
    for index in starts.indices.dropFirst() { starts[index] &+= starts[index &- 1] }
    var order = [Int](repeating: 0, count: places.count)
    for (index, place) in places.enumerated() {
      order[starts[place]] = index
      starts[place] &+= 1
    }
    return order
  }

  private static func begin(
    _ place: Int, of ring: MemberRing, in frames: inout FrameWriter
  ) throws(EncodeError) {
    let member = ring.members.indices.contains(place) ? Array(":\(memberKey): \(ring.members[place])".utf8) : []
    try frames.beginSection(member.span.bytes)
  }

  // MARK: Other signals

  /// What of a request one member gets.
  private struct Part {
    var place: Int
    var bytes: [UInt8]
    var items: Int
  }

  package func encode(_ request: SignalRequest, into frames: inout FrameWriter) throws(EncodeError) {
    let ring = table.ring
    let parts = key == .trace && signal == .traces ? byTrace(request, ring) : byResource(request, ring)
    var place: Int?
    for index in Self.order(by: parts.map(\.place), of: ring) {
      if parts[index].place != place {
        place = parts[index].place
        try Self.begin(parts[index].place, of: ring, in: &frames)
      }
      frames.bytes.append(parts[index].bytes)
      try frames.endRecords(parts[index].items)
    }
    try frames.finish()
  }

  private func byResource(_ request: SignalRequest, _ ring: MemberRing) -> [Part] {
    var text = ByteWriter(capacityBytes: 256)
    let batch = request.resources() ?? LogBatch()
    return request.pieces.enumerated().map { index, piece in
      let attributes = batch.resources.indices.contains(index) ? batch.resources[index].attributes : .empty
      let place = ring.place(of: key(of: [attributes], in: batch, &text)) ?? 0
      return Part(place: place, bytes: request.withBytes(of: piece) { Array($0) }, items: piece.records)
    }
  }

  /// The spans of each resource by their traces; a resource goes as it is where they all have one member.
  private func byTrace(_ request: SignalRequest, _ ring: MemberRing) -> [Part] {
    request.pieces.flatMap { piece in
      request.withBytes(of: piece) { bytes in
        var places: [Int] = []
        OTLPBody.traces.forEachRecord(of: bytes) { span in
          places.append(ring.place(of: MemberRing.key(of: TraceID(ofSpan: span))) ?? 0)
        }
        let used = Set(places).sorted()
        if used.count < 2 { return [Part(place: used.first ?? 0, bytes: Array(bytes), items: piece.records)] }
        return used.map { place in
          let part = OTLPBody.traces.part(of: bytes) { places[$0] == place }
          return Part(place: place, bytes: part, items: places.count { $0 == place })
        }
      }
    }
  }
}

extension TraceID {
  /// The trace of a `Span`: field 1 (trace.proto); none if it has no 16 bytes.
  fileprivate init(ofSpan span: UnsafeRawBufferPointer) {
    self = .none
    var fields = ProtobufFields(span)
    while let field = fields.next() {
      guard field.number == 1, field.content.count == 16 else { continue }
      let bytes = UnsafeRawBufferPointer(rebasing: span[field.content])
      high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
      low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
