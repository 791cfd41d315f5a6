/// Random but valid `ExportLogsServiceRequest` bodies in protobuf: the corpus that mutations start from.
package struct RequestGenerator {
  private var random: SplitMix

  package init(seed: UInt64) { random = SplitMix(seed: seed) }

  /// A request of up to three resources.
  package mutating func request() -> [UInt8] {
    var body: [UInt8] = []
    for _ in 0..<random.below(4) { body += field(1, resourceLogs()) }
    return body + strangers()
  }

  private mutating func resourceLogs() -> [UInt8] {
    var resource = attributes(1, most: 4)
    if random.oneIn(3) { resource += number(2, UInt64(random.below(9))) }
    if random.oneIn(4) { resource += field(3, field(1, text()) + field(2, text()) + field(3, text())) }
    var message = field(1, resource + strangers()) + strangers()
    for _ in 0..<random.below(3) { message += field(2, scopeLogs()) }
    if random.oneIn(2) { message += field(3, text()) }
    return message
  }

  private mutating func scopeLogs() -> [UInt8] {
    var message = field(1, field(1, text()) + field(2, text()) + attributes(3, most: 2) + number(4, 1) + strangers())
    for _ in 0..<random.below(4) { message += field(2, record()) }
    if random.oneIn(2) { message += field(3, text()) }
    return message
  }

  private mutating func record() -> [UInt8] {
    var message: [UInt8] = []
    if !random.oneIn(5) { message += fixed64(1, random.next() >> UInt64(random.below(8))) }
    if !random.oneIn(5) { message += fixed64(11, random.next() >> 2) }
    if !random.oneIn(4) { message += number(2, UInt64(random.below(30))) }
    if !random.oneIn(4) { message += field(3, text()) }
    if !random.oneIn(6) { message += field(5, value(depth: 0)) }
    message += attributes(6, most: 5) + strangers()
    if random.oneIn(3) { message += number(7, random.next() >> 40) }
    if random.oneIn(2) { message += fixed32(8, UInt32(random.below(512))) }
    if random.oneIn(2) { message += field(9, octets(random.oneIn(6) ? random.below(20) : 16)) }
    if random.oneIn(2) { message += field(10, octets(random.oneIn(6) ? random.below(12) : 8)) }
    if random.oneIn(3) { message += field(12, text()) }
    return message
  }

  private mutating func attributes(_ number: UInt64, most: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<random.below(most + 1) { bytes += field(number, field(1, text()) + field(2, value(depth: 0))) }
    return bytes
  }

  /// Fields that no message has: now and then a group, in which others may stand.
  private mutating func strangers() -> [UInt8] {
    guard random.oneIn(8) else { return [] }
    let group = UInt64(90 + random.below(3)) << 3
    let content = random.oneIn(3) ? strangers() : number(1, random.next()) + field(random.next() >> 40 | 1, text())
    return varint(group | 3) + content + fixed32(7, 7) + varint(group | 4)
  }

  private mutating func value(depth: Int) -> [UInt8] {
    switch random.below(depth > 3 ? 6 : 9) {
    case 0: return []
    case 1: return number(2, UInt64(random.below(2)))
    case 2: return number(3, random.next() >> UInt64(random.below(64)))
    case 3: return fixed64(4, random.next())
    case 4: return field(7, octets(random.below(10)))
    case 5: return field(1, text())
    case 6:
      var members: [UInt8] = []
      for _ in 0..<random.below(4) { members += field(1, value(depth: depth + 1)) }
      return field(5, members)
    case 7:
      var members: [UInt8] = []
      for _ in 0..<random.below(4) { members += field(1, field(1, text()) + field(2, value(depth: depth + 1))) }
      return field(6, members)
    default: return field(1, text())
    }
  }

  private mutating func text() -> [UInt8] {
    if random.oneIn(5) {
      let script = Array((random.oneIn(3) ? "åäö, 日志网关, 🚰 " : "plain text of no script ").utf8)
      return (0..<random.below(20)).flatMap { _ in script }
    }
    let words = ["", "a", "service.name", "héllo", "日志", "🚰", "line\nbreak \"quoted\"", "x\0y", "0123456789abcdef0123"]
    return Array(words[random.below(words.count)].utf8)
  }

  private mutating func octets(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// A varint, at times in more bytes than it needs.
  private mutating func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes.count < 4 && random.oneIn(40) ? bytes + [UInt8(rest) | 0x80, 0] : bytes + [UInt8(rest)]
  }

  private mutating func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(content.count)) + content
  }

  private mutating func number(_ number: UInt64, _ value: UInt64) -> [UInt8] { varint(number << 3) + varint(value) }

  private mutating func fixed64(_ number: UInt64, _ value: UInt64) -> [UInt8] {
    varint(number << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  private mutating func fixed32(_ number: UInt64, _ value: UInt32) -> [UInt8] {
    varint(number << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }
}
