/// How the texts of a match are to be read (`match_type`).
package enum MatchType: String, Sendable, CaseIterable {
  /// A text matches if it is the same.
  case strict
  /// A text matches if the pattern is found in it.
  case regexp
}

/// Texts or patterns one of which is to match.
package enum TextMatcher: Sendable {
  case strict([[UInt8]])
  case patterns([Pattern])

  /// Matches one of these texts, by `type`; throws for a pattern that is refused.
  package init(_ texts: [String], _ type: MatchType) throws(PatternError) {
    switch type {
    case .strict: self = .strict(texts.map { Array($0.utf8) })
    case .regexp:
      var patterns: [Pattern] = []
      for text in texts { patterns.append(try Pattern(text)) }
      self = .patterns(patterns)
    }
  }

  func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .strict(let texts): texts.contains { expected in text.elementsEqual(expected) }
    case .patterns(let patterns): patterns.contains { $0.matches(text) }
    }
  }

  /// Whether the text of a value matches; values other than strings are written to `scratch`.
  func matches(_ value: Value, in batch: borrowing LogBatch, with scratch: inout ByteWriter) -> Bool {
    if value.kind == .string { return matches(value.slice, in: batch) }
    scratch.removeAll()
    scratch.appendText(value, of: batch)
    return scratch.withUnsafeBytes { matches($0) }
  }

  func matches(_ slice: ByteSlice, in batch: borrowing LogBatch) -> Bool {
    batch.store.span.bytes.extracting(slice.range).withUnsafeBytes { matches($0) }
  }
}
