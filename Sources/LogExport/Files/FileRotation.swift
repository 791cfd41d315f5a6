import Glibc

/// When a file is set aside as a backup, and how many backups are kept (`rotation`). A backup of `logs.json` is named
/// `logs-2026-01-31T23-59-59.000.json`.
package struct FileRotation: Sendable, Equatable {
  /// A file grows no larger than this, unless one body is (`max_megabytes`). Default 100 MiB.
  package var maxBytes = 100 << 20
  /// Backups older than this are removed; 0 keeps them (`max_days`). Default 0.
  package var maxDays = 0
  /// Only the newest are kept; 0 keeps all (`max_backups`). Default 100.
  package var maxBackups = 100
  /// Names tell local time instead of UTC (`localtime`). Default false.
  package var usesLocalTime = false

  package init() {}

  /// A name for a backup made now that sorts after all others, even if the clock was set back or the hour of a change
  /// to winter time comes a second time: by their names the oldest are told.
  func unusedBackup(of path: String, unixMilliseconds: Int) -> String {
    var stamp = stamp(unixMilliseconds)
    if let newest = backups(of: path).first?.stamp, newest >= stamp { stamp = newest.next ?? stamp }
    // A folder that cannot be listed shows no backups.
    for _ in 0..<10_000 {
      let name = backup(of: path, stamp)
      guard access(name, F_OK) == 0, let next = stamp.next else { return name }
      stamp = next
    }
    return backup(of: path, stamp)
  }

  /// The paths of a file's backups, the newest first.
  package static func backupPaths(of path: String) -> [String] {
    let rotation = FileRotation()
    return rotation.backups(of: path).map { rotation.parts(of: path).0 + $0.name }
  }

  private func backup(of path: String, _ stamp: BackupStamp) -> String {
    let (folder, stem, suffix) = parts(of: path)
    return folder + stem + "-" + stamp.text + suffix
  }

  /// Has backups removed that are too many or too old, but never the newest. Failures are left for the next rotation.
  func removeOldBackups(of path: String, unixSeconds: Int, by remove: (String) -> Void = { _ = unlink($0) }) {
    let (folder, _, _) = parts(of: path)
    let oldest = stamp(max(unixSeconds - min(max(maxDays, 0), 1_000_000) * 86_400, 0) * 1000)
    for (index, backup) in backups(of: path).enumerated().dropFirst() {
      let isTooMany = maxBackups > 0 && index >= maxBackups
      let isTooOld = maxDays > 0 && backup.stamp < oldest
      if isTooMany || isTooOld { remove(folder + backup.name) }
    }
  }

  /// The backups of a file, newest first: their names sort by time.
  private func backups(of path: String) -> [(name: String, stamp: BackupStamp)] {
    let (folder, stem, suffix) = parts(of: path)
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var found: [(name: String, stamp: BackupStamp)] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasPrefix(stem + "-"), name.hasSuffix(suffix) else { continue }
      let text = String(name.dropFirst(stem.count + 1).dropLast(suffix.count))
      if let stamp = BackupStamp(text) { found.append((name, stamp)) }
    }
    return found.sorted { $1.stamp < $0.stamp }
  }

  /// Folder with its slash, name without suffix, suffix with its dot.
  private func parts(of path: String) -> (String, String, String) {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let name = path[start...]
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    return (String(path[..<start]), String(name[..<dot]), String(name[dot...]))
  }

  private func stamp(_ unixMilliseconds: Int) -> BackupStamp {
    var seconds = time_t(unixMilliseconds / 1000)
    var fields = tm()
    if usesLocalTime { localtime_r(&seconds, &fields) } else { gmtime_r(&seconds, &fields) }
    return BackupStamp(fields, milliseconds: unixMilliseconds % 1000)
  }
}

/// The time in a backup's name, as clocks and calendars show it wherever that is: `2026-01-31T23-59-59.000`.
struct BackupStamp: Comparable {
  let text: String

  init(_ fields: tm, milliseconds: Int) {
    let year = Self.padded(Int(fields.tm_year) + 1900, 4)
    let date = [fields.tm_mon + 1, fields.tm_mday].map { Self.padded(Int($0), 2) }
    let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { Self.padded(Int($0), 2) }
    let millis = Self.padded(milliseconds, 3)
    text = "\(year)-\(date.joined(separator: "-"))T\(clock.joined(separator: "-")).\(millis)"
  }

  /// Nil if the text is no time.
  init?(_ text: String) {
    let pattern = Array("0000-00-00T00-00-00.000".utf8)
    let isShaped =
      text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, wanted in
        wanted == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == wanted
      }
    guard isShaped else { return nil }
    self.text = text
    guard let time, BackupStamp(time.fields, milliseconds: time.milliseconds).text == text else { return nil }
  }

  static func < (left: BackupStamp, right: BackupStamp) -> Bool { left.text < right.text }

  /// A millisecond later; nil after the year 9999.
  var next: BackupStamp? {
    guard var (fields, milliseconds) = time else { return nil }
    milliseconds += 1
    if milliseconds == 1000 {
      var seconds = timegm(&fields) + 1
      milliseconds = 0
      gmtime_r(&seconds, &fields)
    }
    let next = BackupStamp(fields, milliseconds: milliseconds)
    return next.text.utf8.count == text.utf8.count ? next : nil
  }

  /// What the text says, with its fields within their bounds.
  private var time: (fields: tm, milliseconds: Int)? {
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    guard numbers.count == 7 else { return nil }
    var fields = tm()
    fields.tm_year = Int32(numbers[0] - 1900)
    fields.tm_mon = Int32(numbers[1] - 1)
    fields.tm_mday = Int32(numbers[2])
    fields.tm_hour = Int32(numbers[3])
    fields.tm_min = Int32(numbers[4])
    fields.tm_sec = Int32(numbers[5])
    var seconds = timegm(&fields)
    gmtime_r(&seconds, &fields)
    return (fields, numbers[6])
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
  }
}
