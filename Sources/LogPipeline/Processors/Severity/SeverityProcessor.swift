/// `processors.severity`: gives records without a severity number the one that a text names.
///
/// The text is the severity text or, if there is none or it names nothing, the first of some attributes that is text
/// and names a severity: `warn`, `Warning`, `ERROR2`, `crit`, in any case. A record that has a number keeps it.
package struct SeverityProcessor: Processor {
  package let id: String
  private let attributes: [[UInt8]]
  private let fallback: Int32

  /// A processor that looks at these attributes; `fallback` is the number where nothing names one, 0 for none.
  package init(id: String, attributes: [String], fallback: Int32 = 0) {
    self.id = id
    self.attributes = attributes.map { Array($0.utf8) }
    self.fallback = fallback
  }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) {
    for index in batch.records.indices where batch.records[index].severityNumber == 0 {
      batch.records[index].severityNumber = severity(of: batch.records[index], in: batch) ?? fallback
    }
  }

  private func severity(of record: LogRecord, in batch: borrowing LogBatch) -> Int32? {
    if let number = SeverityWord.number(record.severityText, in: batch) { return number }
    for key in attributes {
      let found = key.withUnsafeBytes { AttributeEditor(record.attributes).index(of: $0, in: batch) }
      guard let found, batch.attributes[found].value.kind == .string else { continue }
      if let number = SeverityWord.number(batch.attributes[found].value.slice, in: batch) { return number }
    }
    return nil
  }
}

/// The words that loggers use for severities, and their numbers (logs data model, "Mapping of SeverityNumber").
enum SeverityWord {
  private static let words: [(StaticString, Int32)] = [
    ("trace", 1), ("finest", 1), ("verbose", 1), ("debug", 5), ("fine", 5), ("info", 9), ("information", 9),
    ("informational", 9), ("notice", 10), ("warn", 13), ("warning", 13), ("error", 17), ("err", 17), ("severe", 17),
    ("crit", 18), ("critical", 18), ("alert", 19), ("fatal", 21), ("panic", 21), ("emerg", 21), ("emergency", 21),
  ]

  /// The number that a text names; the four of a level may be counted, as in `info3`. Nil if it names none.
  static func number(_ slice: ByteSlice, in batch: borrowing LogBatch) -> Int32? {
    guard (2...16).contains(slice.count) else { return nil }
    return batch.store.span.bytes.extracting(slice.range).withUnsafeBytes { number($0) }
  }

  private static func number(_ text: UnsafeRawBufferPointer) -> Int32? {
    if let number = word(text) { return number }
    guard let last = text.last, (UInt8(ascii: "2")...UInt8(ascii: "4")).contains(last) else { return nil }
    let level = word(UnsafeRawBufferPointer(rebasing: text.dropLast()))
    guard let level, [1, 5, 9, 13, 17, 21].contains(level) else { return nil }
    return level + Int32(last) - 0x31
  }

  private static func word(_ text: UnsafeRawBufferPointer) -> Int32? {
    for (word, number) in words where word.utf8CodeUnitCount == text.count {
      let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
      if zip(text, letters).allSatisfy({ ($0 | 0x20) == $1 }) { return number }
    }
    return nil
  }
}
