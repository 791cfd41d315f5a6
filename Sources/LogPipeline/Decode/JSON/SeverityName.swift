/// The names of `SeverityNumber` (logs.proto), such as `SEVERITY_NUMBER_INFO2`.
enum SeverityName {
  private static let prefix: StaticString = "SEVERITY_NUMBER_"

  /// The number of a name; 0, which is UNSPECIFIED, if there is none.
  static func number(_ name: UnsafeRawBufferPointer) -> Int32 {
    let prefix = UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
    guard name.starts(with: prefix) else { return 0 }
    var level = name.dropFirst(prefix.count)
    var step: Int32 = 0
    if let last = level.last, (UInt8(ascii: "2")...UInt8(ascii: "4")).contains(last) {
      step = Int32(last &- UInt8(ascii: "1"))
      level = level.dropLast()
    }
    return first(level).map { $0 &+ step } ?? 0
  }

  /// The first of the four numbers of a level.
  private static func first(_ level: Slice<UnsafeRawBufferPointer>) -> Int32? {
    if level.elementsEqual("TRACE".utf8) { return 1 }
    if level.elementsEqual("DEBUG".utf8) { return 5 }
    if level.elementsEqual("INFO".utf8) { return 9 }
    if level.elementsEqual("WARN".utf8) { return 13 }
    if level.elementsEqual("ERROR".utf8) { return 17 }
    return level.elementsEqual("FATAL".utf8) ? 21 : nil
  }
}
