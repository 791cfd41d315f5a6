import Synchronization

/// Time zones by their names in the IANA database.
///
/// Zones that only differ from UTC by whole hours are known here; all others come from the system's files, which this
/// module does not read: whoever does says how, once, before statements are loaded.
package enum TimeZones {
  /// The bytes of a zone's file; nil if there is none.
  package typealias Source = @Sendable (_ name: String) -> [UInt8]?

  private static let source = Mutex<Source?>(nil)

  /// Says how files of zones are read.
  package static func use(_ source: @escaping Source) { self.source.withLock { $0 = source } }

  /// The zone of a name; nil if it is not known.
  static func named(_ name: [UInt8]) -> TimeZoneTable? {
    if let fixed = fixed(name) { return fixed }
    // A name is no path: it has no empty parts and no points.
    let isName =
      name.first?.isLetter == true && name.count < 64
      && name.allSatisfy { $0.isWord || [0x2B, 0x2D, 0x2F].contains($0) } && name.last != UInt8(ascii: "/")
    guard isName, let source = source.withLock({ $0 }) else { return nil }
    return source(String(decoding: name, as: UTF8.self)).flatMap { TimeZoneTable(file: $0) }
  }

  private static func fixed(_ name: [UInt8]) -> TimeZoneTable? {
    let names: [StaticString] = ["", "UTC", "Local", "Etc/UTC", "Etc/GMT", "GMT", "Zulu", "Etc/Zulu", "Universal"]
    return name.withUnsafeBytes { name in
      if names.contains(where: { name.isEqual($0) }) { return .utc }
      // West of Greenwich these names have a plus.
      guard name.hasPrefix("Etc/GMT"), let hours = GoNumber.int(name.part(7..<name.count)), (-14...12).contains(hours)
      else { return nil }
      return TimeZoneTable(offset: hours &* -3600, name: "")
    }
  }
}
