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

  /// A name for a backup made now; a later millisecond if a file has that name already.
  func unusedBackup(of path: String, unixMilliseconds: Int) -> String {
    for later in 0..<10_000 {
      let name = backup(of: path, unixMilliseconds: unixMilliseconds + later)
      if access(name, F_OK) != 0 { return name }
    }
    return backup(of: path, unixMilliseconds: unixMilliseconds)
  }

  func backup(of path: String, unixMilliseconds: Int) -> String {
    let (folder, stem, suffix) = parts(of: path)
    return folder + stem + "-" + stamp(unixMilliseconds) + suffix
  }

  /// Removes backups that are too many or too old, after a word to `willRemove`. Failures are left for the next
  /// rotation.
  func removeOldBackups(of path: String, unixSeconds: Int, willRemove: (String) -> Void = { _ in }) {
    let (folder, _, _) = parts(of: path)
    let oldest = stamp(max(unixSeconds - min(max(maxDays, 0), 1_000_000) * 86_400, 0) * 1000)
    for (index, backup) in backups(of: path).enumerated() {
      let isTooMany = maxBackups > 0 && index >= maxBackups
      let isTooOld = maxDays > 0 && backup.stamp < oldest
      guard isTooMany || isTooOld else { continue }
      willRemove(folder + backup.name)
      _ = unlink(folder + backup.name)
    }
  }

  /// The backups of a file, newest first: their names sort by time.
  private func backups(of path: String) -> [(name: String, stamp: String)] {
    let (folder, stem, suffix) = parts(of: path)
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var found: [(name: String, stamp: String)] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasPrefix(stem + "-"), name.hasSuffix(suffix) else { continue }
      let stamp = String(name.dropFirst(stem.count + 1).dropLast(suffix.count))
      if isStamp(stamp) { found.append((name, stamp)) }
    }
    return found.sorted { $0.stamp > $1.stamp }
  }

  /// Folder with its slash, name without suffix, suffix with its dot.
  private func parts(of path: String) -> (String, String, String) {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let name = path[start...]
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    return (String(path[..<start]), String(name[..<dot]), String(name[dot...]))
  }

  private func stamp(_ unixMilliseconds: Int) -> String {
    var seconds = time_t(unixMilliseconds / 1000)
    var fields = tm()
    if usesLocalTime { localtime_r(&seconds, &fields) } else { gmtime_r(&seconds, &fields) }
    let date = [fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday].map { padded(Int($0), 2) }
    let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { padded(Int($0), 2) }
    let millis = padded(unixMilliseconds % 1000, 3)
    return "\(date.joined(separator: "-"))T\(clock.joined(separator: "-")).\(millis)"
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
  }

  private func isStamp(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00-00-00.000".utf8)
    return text.utf8.count == pattern.count
      && zip(text.utf8, pattern).allSatisfy { byte, wanted in
        wanted == UInt8(ascii: "0") ? (0x30...0x39).contains(byte) : byte == wanted
      }
  }
}
