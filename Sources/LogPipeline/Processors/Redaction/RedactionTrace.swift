/// What a redaction took of one value, for people to see.
package struct RedactedValue: Sendable, Equatable {
  /// A piece of the value as it was.
  package struct Piece: Sendable, Equatable {
    package var text: String
    /// The rule that took it; nil if it stays.
    package var rule: String?
  }

  /// Whose it was: `resource`, `scope` or `record`, and which of them, from 1 on.
  package let owner: String
  /// Where it stood there, such as `body` or `attributes.card`.
  package let path: String
  package let before: [Piece]
  /// What is left; nil if the value was taken out with its key.
  package let after: String?
  /// Rules that changed something which has no place in the value as it was, such as what another rule had left.
  package let others: [String]
}

extension RedactionProcessor {
  /// Redacts a batch as `process` does, and tells what was taken of each value.
  package func trace(_ batch: inout LogBatch, of request: inout RequestContext) -> [RedactedValue] {
    let trace = RedactionTrace(program)
    run(on: &batch, of: &request, tracedBy: trace)
    return trace.values
  }
}

/// Takes note of what a redaction does. It copies texts: it is for what somebody looks at, not for what passes.
final class RedactionTrace {
  private(set) var values: [RedactedValue] = []
  /// Whose values are looked at.
  var owner = ""
  private let program: RedactionProgram

  private struct Mark: Hashable {
    let range: Range<Int>
    let rule: Int

    /// By start, the longer first.
    static func isBefore(_ one: Mark, _ two: Mark) -> Bool {
      (one.range.lowerBound, two.range.count, one.rule) < (two.range.lowerBound, one.range.count, two.rule)
    }
  }

  /// The value under examination: its bytes, and where they lie.
  private var before: [UInt8] = []
  private var start: UInt = 0
  private var marks: Set<Mark> = []
  private var others: [Int] = []
  /// The string of JSON in the value that is under examination, whose content has no place of its own in the value.
  private var enclosing: Range<Int>?

  init(_ program: RedactionProgram) { self.program = program }

  /// A value is looked at.
  func begin(_ text: UnsafeRawBufferPointer) {
    before = Array(text)
    start = UInt(bitPattern: text.baseAddress)
    marks = []
    others = []
    enclosing = nil
  }

  /// What is found from now on lies in a part of the value, if this is one.
  func enclose(_ text: UnsafeRawBufferPointer) {
    if let place = place(of: text) { enclosing = place }
  }

  /// A rule took something.
  func note(_ rule: Int, _ taken: UnsafeRawBufferPointer) { mark(rule, place(of: taken) ?? enclosing) }

  /// A rule took the value, or the part of it that is looked at.
  func noteWhole(_ rule: Int) { mark(rule, enclosing ?? before.indices) }

  private func mark(_ rule: Int, _ place: Range<Int>?) {
    if let place {
      marks.insert(Mark(range: place, rule: rule))
    } else if !others.contains(rule) {
      others.append(rule)
    }
  }

  /// Where a text lies in the value; nil if it lies elsewhere, as all does that was changed or had escapes.
  private func place(of text: UnsafeRawBufferPointer) -> Range<Int>? {
    let address = UInt(bitPattern: text.baseAddress)
    guard start != 0, address >= start, address - start <= UInt(before.count) else { return nil }
    let first = Int(address - start)
    return text.count <= before.count - first ? first..<(first + text.count) : nil
  }

  /// What was looked at has become something else; nil if it is gone.
  func end(_ path: String, after: [UInt8]?) {
    values.append(
      RedactedValue(
        owner: owner, path: path, before: pieces, after: after.map { String(decoding: $0, as: UTF8.self) },
        others: others.map { program.rules[$0].id }))
  }

  /// The value cut where rules have taken something; of what two have taken the first has it all.
  private var pieces: [RedactedValue.Piece] {
    var pieces: [RedactedValue.Piece] = []
    var offset = 0
    func add(_ range: Range<Int>, _ rule: String?) {
      if range.isEmpty { return }
      pieces.append(RedactedValue.Piece(text: String(decoding: before[range], as: UTF8.self), rule: rule))
    }
    for mark in marks.sorted(by: Mark.isBefore) where mark.range.upperBound > offset {
      let first = max(mark.range.lowerBound, offset)
      add(offset..<first, nil)
      add(first..<mark.range.upperBound, program.rules[mark.rule].id)
      offset = mark.range.upperBound
    }
    add(offset..<before.count, nil)
    return pieces
  }
}
