/// Where a store is, and what it keeps.
package struct StoreOptions: Sendable, Equatable {
  package var directory: String
  /// Bytes of all its files; the oldest segments go first (`retention.max_size`).
  package var retentionBytes = 4 << 30
  /// How long records are kept after they came, whole segments at a time; nil for as long as there is room
  /// (`retention.max_age`).
  package var retentionAge: Duration?
  /// Records of a block at most (`block_records`).
  package var blockRecords = 2048
  /// Bytes of a block's records, after which it is written (`block_size`).
  package var blockBytes = 4 << 20
  /// How hard columns are compressed, from 1 to 19 (`compression_level`).
  package var compressionLevel = 1
  /// Whether a request counts as stored only once the disk has it (`fsync`).
  package var syncs = true

  package init(directory: String) { self.directory = directory }

  /// Bytes after which a segment is closed: retention takes whole ones.
  var segmentBytes: Int { min(64 << 20, max(retentionBytes / 16, 256 << 10)) }
}
