import Files
import LogPipeline

/// The files of the system's time zone database, for statements that name a zone.
enum TimeZoneFiles {
  private static let folder = "/usr/share/zoneinfo/"
  private static let maxBytes = 1 << 20

  /// Has the names of zones looked up in the system's files.
  static func offer() {
    TimeZones.use { name in
      // Whatever is wrong with a file, the zone is not to be had.
      try? readFile(folder + name, maxBytes: maxBytes)
    }
  }
}
