/// Numbers by chance, the same for the same seed.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// Makes records and queries that have something to do with each other.
struct SampleMaker {
  var numbers: SeededNumbers

  init(seed: UInt64) { numbers = SeededNumbers(seed) }

  static let base: UInt64 = 1_700_000_000_000_000_000
  static let words = [
    "order", "Order", "ORDER", "paid", "error", "errors", "timeout", "time", "out", "user_id", "10.0.0.1",
    "/api/v1/pay",
    "支付失败", "支付", "失败", "订单", "カート", "ありがとう", "café", "Café", "naïve", "жизнь", "42", "-5", "3.5", "true",
    "x", "a-b", "支付error", "error支付", "😀", "“q”", "_a", "9lives", "deadlock", "dead",
  ]
  static let keys = ["http.status", "http", "user", "user.name", "k8s.pod", "n", "flag", "odd key", "状态", "list"]

  mutating func pick<T>(_ list: [T]) -> T { list[Int(numbers.next() % UInt64(list.count))] }
  mutating func chance(_ percent: UInt64) -> Bool { numbers.next() % 100 < percent }
  mutating func number(_ bound: UInt64) -> UInt64 { numbers.next() % bound }

  mutating func text() -> String {
    let separators = [" ", " ", " ", "", ",", ": ", "，", "\n", "="]
    return (0..<1 + number(7)).map { _ in pick(Self.words) + pick(separators) }.joined()
  }

  mutating func value(depth: Int = 0) -> SampleValue {
    switch number(depth > 2 ? 6 : 9) {
    case 0, 1: return .text(text())
    case 2: return .int(Int64(bitPattern: number(100)) - 50)
    case 3: return .double(Double(number(200)) / 4 - 10)
    case 4: return .bool(chance(50))
    case 5: return chance(50) ? .text(pick(Self.words)) : .bytes([1, 2, 0x61])
    case 6: return .array((0..<number(3)).map { _ in value(depth: depth + 1) })
    default: return .map(pairs(depth: depth + 1))
    }
  }

  mutating func pairs(depth: Int = 0) -> [SamplePair] {
    var used: Set<String> = []
    var pairs: [SamplePair] = []
    for _ in 0..<number(4) {
      let key = pick(Self.keys)
      if used.insert(key).inserted { pairs.append(SamplePair(key, value(depth: depth))) }
    }
    return pairs
  }

  mutating func stream() -> SampleStream {
    let service = pick(["shop", "cart", "支付", "shop-api"])
    var made = SampleStream(service: service)
    if chance(50) { made.attributes = pairs() }
    if chance(20) { made.scopeAttributes = pairs() }
    if chance(50) { made.scope = pick(["lib", "io.http", ""]) }
    if chance(30) { made.scopeVersion = "1.2" }
    if chance(20) { made.url = "https://example.org/1.0" }
    return made
  }

  mutating func records(_ count: Int) -> [SampleRecord] {
    var streams: [SampleStream] = []
    for _ in 0..<8 { streams.append(stream()) }
    var traces: [[UInt8]] = []
    for _ in 0..<20 { traces.append((0..<16).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }) }
    var current = streams[0]
    var records: [SampleRecord] = []
    for index in 0..<count {
      if chance(20) { current = pick(streams) }
      var record = SampleRecord()
      record.stream = current
      record.time = chance(3) ? 0 : Self.base + UInt64(index) * 1_000_000 + number(50) * 1_000_000
      record.observed = chance(50) ? 0 : Self.base + UInt64(index) * 1_000_000 + 7
      record.severity = chance(20) ? 0 : UInt8(1 + number(24))
      record.severityText = chance(60) ? "" : pick(["INFO", "warning", "Error", "odd", "FATAL"])
      record.body = chance(5) ? nil : chance(80) ? .text(text()) : value()
      record.attributes = pairs()
      if chance(70) { record.trace = pick(traces) }
      if chance(50) { record.span = [1, 2, 3, 4, 5, 6, 7, UInt8(truncatingIfNeeded: numbers.next())] }
      if chance(10) { record.eventName = pick(["user.login", "订单 created"]) }
      if chance(10) { record.flags = 1 }
      records.append(record)
    }
    return records
  }
}
