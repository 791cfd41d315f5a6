import CRE2

/// A compiled regular expression in RE2's syntax, the same as Go's; matching takes time linear in the text.
package final class Pattern: @unchecked Sendable {
  /// The most groups that a pattern may have.
  package static let maxGroups = 256
  /// Memory that one compiled pattern and its caches may take, in bytes.
  package static let maxMemoryBytes = 8 << 20
  /// The most bytes of a pattern.
  package static let maxTextBytes = 64 << 10

  /// What was compiled.
  package let text: String
  /// The names of the groups from the first on; nil for one without a name.
  package let groupNames: [String?]
  /// Whether finding all matches may take more time than is linear in the text.
  let mayReadFar: Bool
  // RE2 allows any number of threads to match at once, so that sharing the pointer is safe.
  private let pattern: OpaquePointer

  /// Compiles a pattern; throws what is wrong with it.
  package init(_ text: String) throws(PatternError) {
    self.text = text
    mayReadFar = PatternShape(text).mayReadFar
    var text = text
    let count = text.utf8.count
    guard count <= Self.maxTextBytes else {
      throw PatternError("has \(count) bytes: the limit is \(Self.maxTextBytes)")
    }
    // A match must not cut a character in two: strings of a batch are valid UTF-8.
    if Self.matchesSingleBytes(text) { throw PatternError("is refused: \\C matches a part of a character") }
    text = PatternText.spelled(text)
    let compiled = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        cre2_pattern_create($0.baseAddress, $0.count, Int64(Self.maxMemoryBytes))
      }
    }
    guard let compiled else { throw PatternError("is refused: out of memory") }
    pattern = compiled
    groupNames = (0..<cre2_pattern_group_count(compiled)).map { group in
      cre2_pattern_group_name(compiled, group + 1).map { String(cString: $0) }
    }
    if let problem = cre2_pattern_error(compiled) { throw PatternError("is refused: \(String(cString: problem))") }
    if groupNames.count > Self.maxGroups {
      throw PatternError("has \(groupNames.count) groups: the limit is \(Self.maxGroups)")
    }
  }

  deinit { cre2_pattern_free(pattern) }

  /// Whether the pattern holds `\C`, which RE2 has and Go has not.
  private static func matchesSingleBytes(_ text: String) -> Bool {
    var isEscaped = false
    for byte in text.utf8 {
      if isEscaped && byte == UInt8(ascii: "C") { return true }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
    }
    return false
  }

  /// Whether the pattern is found anywhere in the text.
  package func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    cre2_pattern_match(pattern, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, 0, nil, 0)
  }

  /// Whether the pattern is found anywhere in the text.
  package func matches(_ text: RawSpan) -> Bool { text.withUnsafeBytes { matches($0) } }

  /// Where the first match from `start` on lies; nil if there is none.
  func firstMatch(in text: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    var found = cre2_range(offset: -1, count: 0)
    let chars = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard cre2_pattern_match(pattern, chars, text.count, max(start, 0), &found, 1), found.offset >= 0 else {
      return nil
    }
    return found.offset..<found.offset + Int(truncatingIfNeeded: found.count)
  }

  /// Calls `body` with where the first match from `start` on lies, then where each group does (nil if it took no
  /// part); returns nil without a call if there is none.
  package func withCaptures<R>(
    in text: UnsafeRawBufferPointer, from start: Int = 0, _ body: (Captures) -> R
  ) -> R? {
    let count = groupNames.count + 1
    return withUnsafeTemporaryAllocation(of: cre2_range.self, capacity: count) { ranges in
      ranges.initialize(repeating: cre2_range(offset: -1, count: 0))
      let found = cre2_pattern_match(
        pattern, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, max(start, 0), ranges.baseAddress,
        Int32(truncatingIfNeeded: count))
      return found ? body(Captures(ranges: UnsafeBufferPointer(ranges))) : nil
    }
  }

  /// Where a match and its groups lie in the text; valid only during the call that gets it.
  package struct Captures {
    fileprivate let ranges: UnsafeBufferPointer<cre2_range>

    /// The whole match.
    package var whole: Range<Int> { self[0] ?? 0..<0 }

    /// A group, counted from 1; nil if it took no part in the match.
    package subscript(group: Int) -> Range<Int>? {
      guard ranges.indices.contains(group), ranges[group].offset >= 0 else { return nil }
      let range = ranges[group]
      return range.offset..<range.offset + Int(truncatingIfNeeded: range.count)
    }
  }
}

/// Several patterns that are looked for in one pass, so that texts with none of them are told quickly.
package final class PatternSet: @unchecked Sendable {
  /// Memory that the compiled patterns of a set and their caches may take, in bytes.
  package static let maxMemoryBytes = 32 << 20

  private let set: OpaquePointer

  /// A set of patterns that `Pattern` takes; nil if it would take too much memory.
  package init?(_ patterns: [String]) {
    guard let set = cre2_set_create(Int64(Self.maxMemoryBytes)) else { return nil }
    self.set = set
    for pattern in patterns {
      var pattern = PatternText.spelled(pattern)
      let index = pattern.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { cre2_set_add(set, $0.baseAddress, $0.count) }
      }
      if index < 0 { return nil }
    }
    if !cre2_set_compile(set) { return nil }
  }

  deinit { cre2_set_free(set) }

  /// Whether any pattern is found in the text; also true if the set ran out of memory and cannot tell.
  package func mayMatch(_ text: UnsafeRawBufferPointer) -> Bool {
    cre2_set_match(set, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) != 0
  }
}

/// What is wrong with a pattern, to be read after its name: `is refused: missing ): (a`.
package struct PatternError: Error, Sendable, Equatable {
  package let message: String

  package init(_ message: String) { self.message = message }
}
