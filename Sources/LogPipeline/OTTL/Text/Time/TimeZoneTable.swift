/// A time zone: since when which offset holds, and by which rule it changes later.
struct TimeZoneTable: Sendable, Equatable {
  /// How far ahead of UTC clocks are, and under which name.
  struct Period: Sendable, Equatable {
    var offset: Int64
    var name: [UInt8]
  }

  /// When periods begin, in seconds since 1970, in order.
  private var starts: [Int64] = []
  private var periods: [Period] = []
  /// What holds before the first.
  private var first: Period
  /// What holds after the last.
  private var rule: TimeZoneRule?

  static let utc = TimeZoneTable(offset: 0, name: "UTC")

  init(offset: Int64, name: StaticString) {
    first = Period(offset: offset, name: Array(name.rawBytes))
  }

  /// A zone from a file of the time zone database (RFC 9636); nil if it is none.
  init?(file: [UInt8]) {
    var reader = ZoneFileReader(file)
    guard let read = reader.read(), let first = read.periods.first else { return nil }
    starts = read.starts
    periods = read.starts.indices.map { read.periods[read.kinds[$0]] }
    self.first = first
    rule = read.rule
  }

  /// What holds at a time in nanoseconds since 1970.
  func period(atUnixNano nanoseconds: Int64) -> Period {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: CivilTime.nanosecondsOfSecond)
    return period(atUnixSeconds: rest < 0 ? seconds &- 1 : seconds)
  }

  /// What holds at a time.
  func period(atUnixSeconds seconds: Int64) -> Period {
    guard let last = starts.last, seconds < last || rule == nil else {
      if starts.isEmpty || starts.last.map({ seconds >= $0 }) == true, let rule { return rule.period(at: seconds) }
      return periods.last ?? first
    }
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low &+ high) / 2
      if starts[middle] <= seconds { low = middle &+ 1 } else { high = middle }
    }
    return low == 0 ? first : periods[low &- 1]
  }

  /// Nanoseconds since 1970 of what a clock in the zone shows; of an hour that clocks show twice, or not at all, one of
  /// the two that can be meant.
  func unixNano(_ time: CivilTime) -> Int64? {
    let shown = time.unixSeconds
    let offset = period(atUnixSeconds: shown).offset
    var unix = shown &- offset
    let other = period(atUnixSeconds: unix).offset
    if other != offset { unix = shown &- other }
    return time.unixNano(offset: shown &- unix)
  }

  /// The offset of a name that the zone has or had; that of the latest period.
  func offset(named name: UnsafeRawBufferPointer) -> Int64? {
    if name.isEqual("UTC") { return 0 }
    if let found = rule?.periods.first(where: { name.elementsEqual($0.name) }) { return found.offset }
    if let found = periods.last(where: { name.elementsEqual($0.name) }) { return found.offset }
    return name.elementsEqual(first.name) ? first.offset : nil
  }

  /// The offset of a name that is a zone of its own.
  static func commonOffset(named name: UnsafeRawBufferPointer) -> Int64? {
    let known: [(StaticString, Int64)] = [
      ("UTC", 0), ("GMT", 0), ("WET", 0), ("CET", 1), ("MET", 1), ("EET", 2), ("EST", -5), ("MST", -7), ("HST", -10),
    ]
    return known.first { name.isEqual($0.0) }.map { $0.1 &* 3600 }
  }
}

/// A file of the time zone database on its way to a table.
private struct ZoneFileReader {
  private let file: [UInt8]
  private var place = 0

  struct Read {
    var starts: [Int64] = []
    var kinds: [Int] = []
    var periods: [TimeZoneTable.Period] = []
    var rule: TimeZoneRule?
  }

  private struct Counts {
    var (transitions, kinds, characters, leapSeconds): (Int, Int, Int, Int)
    var (standard, universal): (Int, Int)
  }

  init(_ file: [UInt8]) { self.file = file }

  mutating func read() -> Read? {
    guard file.count < 1 << 20, let (version, counts) = readHead() else { return nil }
    // From version 2 on a second part has what the first has, in 64 bits.
    guard version >= 2 else { return readBody(counts, timeBytes: 4) }
    place +=
      counts.transitions * 5 + counts.kinds * 6 + counts.characters + counts.leapSeconds * 8
      + counts.standard + counts.universal
    guard let (_, counts) = readHead(), var read = readBody(counts, timeBytes: 8) else { return nil }
    if place < file.count, file[place] == 0x0A, let end = file[(place + 1)...].firstIndex(of: 0x0A) {
      read.rule = TimeZoneRule(Array(file[(place + 1)..<end]))
    }
    return read
  }

  private mutating func readHead() -> (version: Int, Counts)? {
    guard place + 44 <= file.count, file[place...].starts(with: "TZif".utf8) else { return nil }
    let version = file[place + 4] == 0 ? 1 : Int(file[place + 4] &- 0x30)
    place += 20
    var numbers: [Int] = []
    for _ in 0..<6 { numbers.append(Int(truncatingIfNeeded: number(4))) }
    guard numbers.allSatisfy({ (0...(1 << 16)).contains($0) }), numbers[4] > 0 else { return nil }
    let counts = Counts(
      transitions: numbers[3], kinds: numbers[4], characters: numbers[5], leapSeconds: numbers[2],
      standard: numbers[1], universal: numbers[0])
    return (version, counts)
  }

  /// A big-endian number with a sign.
  private mutating func number(_ bytes: Int) -> Int64 {
    var number: UInt64 = 0
    for _ in 0..<bytes {
      number = number << 8 | UInt64(place < file.count ? file[place] : 0)
      place += 1
    }
    return bytes == 4 ? Int64(Int32(truncatingIfNeeded: number)) : Int64(bitPattern: number)
  }

  private mutating func readBody(_ counts: Counts, timeBytes: Int) -> Read? {
    let length =
      counts.transitions * (timeBytes + 1) + counts.kinds * 6 + counts.characters
      + counts.leapSeconds * (timeBytes + 4) + counts.standard + counts.universal
    guard place + length <= file.count else { return nil }
    let end = place + length
    var read = Read()
    for _ in 0..<counts.transitions { read.starts.append(number(timeBytes)) }
    for _ in 0..<counts.transitions { read.kinds.append(Int(number(1))) }
    var kinds: [(offset: Int64, name: Int)] = []
    for _ in 0..<counts.kinds {
      let offset = number(4)
      place += 1
      kinds.append((offset, Int(number(1))))
    }
    let names = file[place..<(place + counts.characters)]
    for kind in kinds {
      guard kind.name < names.count, (-90_000...90_000).contains(kind.offset) else { return nil }
      let name = names[(names.startIndex + kind.name)...].prefix { $0 != 0 }
      read.periods.append(TimeZoneTable.Period(offset: kind.offset, name: Array(name)))
    }
    let isOrdered = zip(read.starts, read.starts.dropFirst()).allSatisfy { $0 < $1 }
    guard isOrdered, read.kinds.allSatisfy({ $0 < kinds.count }) else { return nil }
    place = end
    return read
  }
}
