/// Which records of a block are meant.
extension Query {
  /// Those of `candidates` that the query means. Columns that tell quickly are asked first.
  func rows(in block: Block, among candidates: Rows) throws -> Rows {
    if candidates.isEmpty { return candidates }
    switch self {
    case .all: return candidates
    case .not(let query):
      var rows = candidates
      rows.remove(try query.rows(in: block, among: candidates))
      return rows
    case .and(let list):
      return try list.sorted { $0.cost < $1.cost }.reduce(candidates) { try $1.rows(in: block, among: $0) }
    case .or(let list):
      var (found, rest) = (Rows(none: candidates.count), candidates)
      for query in list.sorted(by: { $0.cost < $1.cost }) {
        let rows = try query.rows(in: block, among: rest)
        found.add(rows)
        rest.remove(rows)
      }
      return found
    case .time(let range):
      if range.lowerBound <= block.entry.earliest && block.entry.latest <= range.upperBound { return candidates }
      let times = try block.effectiveTimes()
      return Rows(candidates) { range.contains(times[$0]) }
    case .severity(let mask):
      if block.entry.severities & ~mask == 0 { return candidates }
      let severities = try block.severities().severities
      return Rows(candidates) { mask &>> UInt32(severities[$0]) & 1 == 1 }
    case .trace(let id):
      let ids = try block.ids()
      return ids.isEmpty ? Rows(none: candidates.count) : Rows(candidates) { ids[$0 * 16..<$0 * 16 + 16] == id[...] }
    case .stream(let id):
      let (streams, streamOf) = try block.streams()
      let isMeant = streams.map { $0.id == id }
      return Rows(candidates) { isMeant[Int(streamOf[$0])] }
    case .field(let field, let test): return try FieldScan(field, test, block).rows(among: candidates)
    }
  }

  /// How much is read for it, roughly.
  private var cost: Int {
    switch self {
    case .all: 0
    case .severity: 1
    case .time: 2
    case .stream: 3
    case .trace: 4
    case .field(let field, _): field == .message ? 6 : field == .anywhere ? 8 : 5
    case .not(let query): query.cost
    case .and(let list), .or(let list): list.reduce(1) { max($0, $1.cost + 1) }
    }
  }
}

/// One field of one block being looked at.
private struct FieldScan {
  let field: QueryField
  let test: QueryTest
  let block: Block

  init(_ field: QueryField, _ test: QueryTest, _ block: Block) {
    self.field = field
    self.test = test
    self.block = block
  }

  func rows(among candidates: Rows) throws -> Rows {
    switch field {
    case .severityText: return try texts(try block.severities().texts, among: candidates)
    case .message: return try message(among: candidates)
    case .eventName: return try eventNames(among: candidates)
    case .traceID, .spanID: return try ids(among: candidates)
    case .scopeName: return try scope(1, among: candidates)
    case .scopeVersion: return try scope(2, among: candidates)
    case .named(let name): return try named(Array(name.utf8), among: candidates)
    case .anywhere: return try anywhere(among: candidates)
    }
  }

  /// Looks in several places, each for the records that were not found before.
  private func first(
    _ candidates: Rows, _ places: [(Rows) throws -> Rows]
  ) throws -> Rows {
    var (found, rest) = (Rows(none: candidates.count), candidates)
    for place in places where !rest.isEmpty {
      let rows = try place(rest)
      found.add(rows)
      rest.remove(rows)
    }
    return found
  }

  private func anywhere(among candidates: Rows) throws -> Rows {
    try first(
      candidates,
      [
        { try streams(among: $0) { stream, matcher in stream.matchesAnywhere(&matcher) } },
        { try bodies(among: $0) },
        { try attributes(among: $0) { bytes, range, matcher in matcher.matches(anyOf: 6, in: range, of: bytes) } },
        { try texts(try block.severities().texts, among: $0) },
        { try eventNames(among: $0) },
      ])
  }

  private func named(_ name: [UInt8], among candidates: Rows) throws -> Rows {
    let key = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).last.map(Array.init) ?? name
    return try first(
      candidates,
      [
        { try streams(among: $0) { stream, matcher in stream.matches(name, &matcher) } },
        {
          try attributes(among: $0, withKey: key) { bytes, range, matcher in
            name.withUnsafeBytes { matcher.matches($0, in: FieldMatcher.Pairs(6, range), of: bytes) }
          }
        },
        { try bodyMembers(name, among: $0) },
      ])
  }

  // MARK: Texts

  private func texts(_ texts: Texts, among candidates: Rows) throws -> Rows {
    if case .words(let needle) = test {
      var rows = needle.rows(of: texts, edges: needle.edges)
      rows.keep(candidates)
      return rows
    }
    let matcher = FieldMatcher(test)
    var rows = Rows(none: candidates.count)
    texts.withUnsafeBytes { bytes in
      candidates.forEach { if matcher.matches(text: bytes.part(texts.range($0))) { rows.insert($0) } }
    }
    return rows
  }

  private func message(among candidates: Rows) throws -> Rows {
    let (kinds, _) = try block.bodies()
    // A map has its members as fields of their own.
    let (bodies, bytes) = (try block.bodies().texts, kinds)
    let own = Rows(candidates) { row in
      bytes[row] != BodyKind.value.rawValue || !bodies.isMap(row)
    }
    return try self.bodies(among: own)
  }

  private func bodies(among candidates: Rows) throws -> Rows {
    let (kinds, texts) = try block.bodies()
    let plain = Rows(candidates) { kinds[$0] == BodyKind.text.rawValue }
    var rows = try self.texts(texts, among: plain)
    var matcher = FieldMatcher(test)
    texts.withUnsafeBytes { bytes in
      candidates.forEach { row in
        guard kinds[row] == BodyKind.value.rawValue else { return }
        if matcher.matches(value: texts.range(row), of: bytes) { rows.insert(row) }
      }
    }
    return rows
  }

  private func bodyMembers(_ name: [UInt8], among candidates: Rows) throws -> Rows {
    let (kinds, texts) = try block.bodies()
    var rows = Rows(none: candidates.count)
    var matcher = FieldMatcher(test)
    texts.withUnsafeBytes { bytes in
      candidates.forEach { row in
        guard kinds[row] == BodyKind.value.rawValue else { return }
        var fields = WireFields(bytes, in: texts.range(row))
        while let field = fields.next(), field.number == 6 {
          let pairs = FieldMatcher.Pairs(1, field.content)
          if name.withUnsafeBytes({ matcher.matches($0, in: pairs, of: bytes) }) { rows.insert(row) }
        }
      }
    }
    return rows
  }

  private func eventNames(among candidates: Rows) throws -> Rows {
    let others = try block.others()
    var rows = Rows(none: candidates.count)
    let matcher = FieldMatcher(test)
    others.withUnsafeBytes { bytes in
      candidates.forEach { row in
        var fields = WireFields(bytes, in: others.range(row))
        while let field = fields.next() {
          if field.number == 12, matcher.matches(text: bytes.part(field.content)) { rows.insert(row) }
        }
      }
    }
    return rows
  }

  // MARK: Attributes

  private func attributes(
    among candidates: Rows, withKey key: [UInt8] = [],
    _ matches: (UnsafeRawBufferPointer, Range<Int>, inout FieldMatcher) -> Bool
  ) throws -> Rows {
    let attributes = try block.attributes()
    var some = candidates
    // What is found in the bytes of attributes may be part of something else, but nothing else can hold it.
    if case .words(let needle) = test, !needle.mayBeNumber { some.keep(needle.rows(of: attributes, edges: 0)) }
    if !key.isEmpty, !some.isEmpty {
      some.keep(Needle(String(decoding: key, as: UTF8.self)).rows(of: attributes, edges: 0))
    }
    var rows = Rows(none: candidates.count)
    var matcher = FieldMatcher(test)
    attributes.withUnsafeBytes { bytes in
      some.forEach { if matches(bytes, attributes.range($0), &matcher) { rows.insert($0) } }
    }
    return rows
  }

  // MARK: Ids and streams

  private func ids(among candidates: Rows) throws -> Rows {
    let ids = try block.ids()
    if ids.isEmpty { return Rows(none: candidates.count) }
    let (start, count) = field == .traceID ? (0, 16) : (16 * block.records, 8)
    let matcher = FieldMatcher(test)
    return Rows(candidates) { row in
      let id = ids[start + row * count..<start + row * count + count]
      if id.allSatisfy({ $0 == 0 }) { return false }
      return Array(HexBytes.text(of: id).utf8).withUnsafeBytes { matcher.matches(text: $0) }
    }
  }

  private func scope(_ number: UInt64, among candidates: Rows) throws -> Rows {
    try streams(among: candidates) { stream, matcher in
      stream.scope.withUnsafeBytes { scope in
        var fields = WireFields(scope)
        while let field = fields.next() {
          if field.number == number, matcher.matches(text: scope.part(field.content)) { return true }
        }
        return false
      }
    }
  }

  private func streams(
    among candidates: Rows, _ matches: (BlockStream, inout FieldMatcher) -> Bool
  ) throws -> Rows {
    let (streams, streamOf) = try block.streams()
    var matcher = FieldMatcher(test)
    let isMeant = streams.map { matches($0, &matcher) }
    if !isMeant.contains(true) { return Rows(none: candidates.count) }
    return Rows(candidates) { isMeant[Int(streamOf[$0])] }
  }
}

extension BlockStream {
  /// Whether a value of the resource or the scope passes.
  fileprivate func matchesAnywhere(_ matcher: inout FieldMatcher) -> Bool {
    if resource.withUnsafeBytes({ matcher.matches(anyOf: 1, in: 0..<$0.count, of: $0) }) { return true }
    return scope.withUnsafeBytes { scope in
      if matcher.matches(anyOf: 3, in: 0..<scope.count, of: scope) { return true }
      var fields = WireFields(scope)
      while let field = fields.next() {
        if field.number < 3, matcher.matches(text: scope.part(field.content)) { return true }
      }
      return false
    }
  }

  /// Whether an attribute of that name passes.
  fileprivate func matches(_ name: [UInt8], _ matcher: inout FieldMatcher) -> Bool {
    name.withUnsafeBytes { name in
      resource.withUnsafeBytes { matcher.matches(name, in: FieldMatcher.Pairs(1, 0..<$0.count), of: $0) }
        || scope.withUnsafeBytes { matcher.matches(name, in: FieldMatcher.Pairs(3, 0..<$0.count), of: $0) }
    }
  }
}

extension Texts {
  /// Whether an `AnyValue` is a map.
  fileprivate func isMap(_ row: Int) -> Bool {
    withUnsafeBytes { bytes in
      var fields = WireFields(bytes, in: range(row))
      return fields.next()?.number == 6
    }
  }
}
