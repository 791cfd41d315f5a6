/// A number of bytes and the number of records in them.
package struct FrameTotals: Sendable, Equatable {
  package var bytes: Int
  package var records: Int

  package static let zero = FrameTotals()

  package init(bytes: Int = 0, records: Int = 0) {
    self.bytes = bytes
    self.records = records
  }

  /// True if there is neither a byte nor a record; records may take no bytes.
  package var isEmpty: Bool { bytes == 0 && records == 0 }

  package static func += (totals: inout FrameTotals, more: FrameTotals) {
    totals.bytes &+= more.bytes
    totals.records &+= more.records
  }

  package static func -= (totals: inout FrameTotals, less: FrameTotals) {
    totals.bytes &-= less.bytes
    totals.records &-= less.records
  }
}
