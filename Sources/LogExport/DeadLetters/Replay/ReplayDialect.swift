import LogPipeline

/// Sends dead letters where they were sent before: the dialect of their exporter and format, at their own path.
struct ReplayDialect: Dialect {
  private let base: any Dialect
  let route: DialectRoute
  /// Whether an answer tells what became of each record of a body. Where it does not, each goes by itself, so that
  /// nothing is sent again that was stored.
  let answersForEach: Bool

  /// Whether the destination answers 200 to records that its limits exclude.
  let losesRecords: Bool

  /// By what speaks to destinations like the letter's; nil if that is not HTTP, or a header of the letter is none.
  init?(_ letter: DeadLetter, speaking base: any Dialect) {
    guard case .http(let path, let headers) = base.route else { return nil }
    self.base = base
    answersForEach = base is ElasticsearchDialect
    losesRecords = base is VictoriaLogsDialect
    let isOwn = letter.headers.allSatisfy { HTTPSenderOptions.isValid(name: $0.name, value: $0.value) }
    guard isOwn else { return nil }
    // No other field takes the place of the one that says whose the records are.
    let own = letter.headers.map { DialectRoute.Header($0.name, $0.value, isBinding: true) }
    route = .http(path: Self.isPath(letter.path) ? letter.path : path, headers: headers + own)
  }

  /// A path with perhaps a query, as a request line takes it.
  private static func isPath(_ path: String) -> Bool {
    path.hasPrefix("/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }
  }

  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {
    try base.encode(batch, into: &frames)
  }

  func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    base.judge(answer, to: body, records: records)
  }

  func middle(of body: UnsafeRawBufferPointer) -> Split? { base.middle(of: body) }
  func halves(of body: UnsafeRawBufferPointer) -> Halves? { base.halves(of: body) }
  var bodyFormat: BodyFormat { base.bodyFormat }

  /// A letter's body in parts that are sent by themselves or, where answers tell them apart, with others.
  func parts(of body: [UInt8], records: Int) -> [(bytes: [UInt8], records: Int)] {
    let pieces = body.withUnsafeBytes { bytes in
      bodyFormat.pieces(of: bytes, records: records).map { (Array(bytes[$0.range]), $0.records) }
    }
    guard bodyFormat.isOTLP else { return pieces }
    var budget = Self.maxExtraBytes
    return pieces.flatMap { singles(of: $0.0, records: $0.1, within: &budget) }
  }

  /// Bytes by which a letter may grow when it is cut: each part has the whole resource. What would take more stays
  /// together.
  static let maxExtraBytes = 64 << 20

  /// A body of OTLP as bodies of one record each, as far as it can be cut and `budget` allows.
  private func singles(
    of body: [UInt8], records: Int, within budget: inout Int
  ) -> [(bytes: [UInt8], records: Int)] {
    guard records > 1, budget > 0, let halves = body.withUnsafeBytes({ halves(of: $0) }),
      (1..<records).contains(halves.recordsInFirst)
    else { return [(body, records)] }
    budget -= halves.first.count + halves.second.count - body.count
    return singles(of: halves.first, records: halves.recordsInFirst, within: &budget)
      + singles(of: halves.second, records: records - halves.recordsInFirst, within: &budget)
  }
}
