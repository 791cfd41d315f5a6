/// Requests in OTLP JSON whose records hold what statements are written for: nested maps, and texts in many formats.
package struct DocumentGenerator {
  private var random: SplitMix

  package init(seed: UInt64) { random = SplitMix(seed: seed) }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[random.below(choices.count)] }

  private mutating func some(_ counts: ClosedRange<Int>, _ make: (inout Self) -> String) -> String {
    let count = counts.lowerBound + random.below(counts.count)
    return (0..<count).map { _ in make(&self) }.joined(separator: ",")
  }

  /// A request of one or two resources.
  package mutating func request() -> [UInt8] {
    Array("{\"resourceLogs\":[\(some(1...2) { $0.resource() })]}".utf8)
  }

  private mutating func resource() -> String {
    let scopes = some(1...2) {
      "{\"scope\":{\"name\":\"s\",\"attributes\":[\($0.pairs(1))]},\"logRecords\":[\($0.some(0...3) { $0.record() })]}"
    }
    return "{\"resource\":{\"attributes\":[\(pairs(2))]},\"scopeLogs\":[\(scopes)]}"
  }

  private mutating func record() -> String {
    let time = pick(["0", "1704467049120000000", "\(random.next() >> 1)"])
    return "{\"timeUnixNano\":\"\(time)\",\"severityNumber\":\(random.below(25)),\"body\":\(value(3)),"
      + "\"attributes\":[\(pairs(3))]}"
  }

  /// Pairs of different keys, as far as a sender can be trusted with that.
  private mutating func pairs(_ depth: Int) -> String {
    some(0...4) {
      "{\"key\":\"\($0.pick(["a", "b", "c", "k", "n", "ä", "service.name"]))\",\"value\":\($0.value(depth - 1))}"
    }
  }

  private static let texts = [
    "a", "", "x,ä,b", "17", "10.0.0.1", "key=value a='b c'", "2024-01-05 15:04:09", "Nov 14 22:13:20", "1h2m3.5s",
    "{\\\"a\\\":[1,{\\\"b\\\":\\\"\\\\u00e4\\\"}],\\\"c\\\":null}", "<a x='1'><b>t</b>u<!--c--></a>",
    "CEF:0|v|p|1|id|name|5|src=1.2.3.4 msg=a\\\\=b", "LEEF:1.0|v|p|1|id|src=1.2.3.4\\tdst=5",
    "1.2.3.4 - frank [10/Oct/2000:13:55:36 -0700] \\\"GET / HTTP/1.0\\\" 200 2326",
    "#Fields: date time\\n2024-01-05 15:04", "http://u:p@h:1/p.x?q#f", "Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0",
    "0102030405060708090a0b0c0d0e0f10", "q80=", "4539578763621486", "aBC dEf_gH", "\\u0000\\ud83d\\ude00",
  ]

  private mutating func value(_ depth: Int) -> String {
    let scalar = pick([
      "{\"stringValue\":\"\(pick(Self.texts))\"}", "{\"stringValue\":\"\(pick(Self.texts))\"}", "{\"intValue\":1}",
      "{\"doubleValue\":2.5}", "{\"doubleValue\":\"NaN\"}", "{}", "{\"bytesValue\":\"/wA=\"}", "{\"boolValue\":true}",
      "{\"intValue\":\"-9223372036854775808\"}",
    ])
    guard depth > 0 else { return scalar }
    switch random.below(4) {
    case 0: return "{\"kvlistValue\":{\"values\":[\(pairs(depth))]}}"
    case 1: return "{\"arrayValue\":{\"values\":[\(some(0...3) { $0.value(depth - 1) })]}}"
    default: return scalar
    }
  }
}
