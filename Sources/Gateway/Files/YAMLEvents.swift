import CYAML

/// The events of a YAML text, one at a time, as libyaml finds them.
struct YAMLEvents: ~Copyable {
  /// What the text says next, with its line and column from 1.
  struct Event {
    enum Kind {
      case document
      case alias(String)
      case scalar(text: String, isPlain: Bool, tag: String?)
      case listStart, mapStart, collectionEnd
    }
    var kind: Kind
    var line: Int
    var column: Int
    var anchor: String?
  }

  enum Step {
    case event(Event)
    case end
    /// libyaml's own limit of nesting is reached; its scanner can get there before the first event.
    case tooDeep(line: Int, column: Int)
    case failed(line: Int, column: Int, problem: String)
  }

  /// libyaml keeps pointers into the parser and to the text, so both stay where they are until `deinit`.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>
  private var lastQuoted: (start: YAMLFailure.Position, end: YAMLFailure.Position)?

  /// Copies `bytes`; nil if there is no memory for the parser.
  init?(_ bytes: [UInt8]) {
    parser = .allocate(capacity: 1)
    text = .allocate(capacity: bytes.count)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      text.deallocate()
      return nil
    }
    _ = text.initialize(from: bytes)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    text.deallocate()
  }

  /// The next event; after `.end` or `.failed` there is none.
  mutating func next() -> Step {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { return failure() }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return .end }
      note(event)
      if let read = read(event) { return .event(read) }
    }
  }

  /// Keeps where a text in quotes stands, since a quote that is missing is found only behind it.
  private mutating func note(_ event: yaml_event_t) {
    guard event.type == YAML_SCALAR_EVENT else { return }
    let style = event.data.scalar.style
    guard style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE else { return }
    lastQuoted = (Self.position(event.start_mark), Self.position(event.end_mark))
  }

  private static func position(_ mark: yaml_mark_t) -> YAMLFailure.Position {
    (Int(clamping: mark.line) &+ 1, Int(clamping: mark.column) &+ 1)
  }

  /// The event in Swift's terms; nil for those that say nothing about the content.
  private func read(_ event: yaml_event_t) -> Event? {
    let data = event.data
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return at(event, .document)
    case YAML_ALIAS_EVENT: return at(event, .alias(string(data.alias.anchor) ?? ""))
    case YAML_SCALAR_EVENT:
      let scalar = data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
      let kind = Event.Kind.scalar(text: text, isPlain: isPlain, tag: string(scalar.tag))
      return at(event, kind, anchor: scalar.anchor)
    case YAML_SEQUENCE_START_EVENT: return at(event, .listStart, anchor: data.sequence_start.anchor)
    case YAML_MAPPING_START_EVENT: return at(event, .mapStart, anchor: data.mapping_start.anchor)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return at(event, .collectionEnd)
    default: return nil
    }
  }

  private func at(_ event: yaml_event_t, _ kind: Event.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil) -> Event {
    let start = Self.position(event.start_mark)
    return Event(kind: kind, line: start.line, column: start.column, anchor: string(anchor))
  }

  private func string(_ text: UnsafeMutablePointer<UInt8>?) -> String? {
    text.map { String(cString: $0) }
  }

  private func failure() -> Step {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
    if parser.pointee.error == YAML_READER_ERROR {
      let (line, column) = position(ofByte: Int(clamping: parser.pointee.problem_offset))
      return .failed(line: line, column: column, problem: problem)
    }
    let position = Self.position(parser.pointee.problem_mark)
    if problem.hasPrefix("Maximum nesting level") { return .tooDeep(line: position.line, column: position.column) }
    let failure = YAMLFailure(
      context: parser.pointee.context.map { String(cString: $0) } ?? "",
      contextPosition: Self.position(parser.pointee.context_mark), problem: problem, position: position,
      quoted: lastQuoted, character: character(at: position))
    let told = failure.told
    return .failed(line: told.position.line, column: told.position.column, problem: told.problem)
  }

  private func character(at position: YAMLFailure.Position) -> Unicode.Scalar? {
    let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: position.line, omittingEmptySubsequences: false)
    guard position.line <= lines.count else { return nil }
    return String(decoding: lines[position.line - 1], as: UTF8.self).unicodeScalars
      .dropFirst(position.column - 1).first
  }

  /// The line and column (in bytes) of an offset, both from 1.
  private func position(ofByte offset: Int) -> (line: Int, column: Int) {
    let before = text.prefix(max(0, offset))
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let line = before.reduce(into: 1) { $0 += $1 == UInt8(ascii: "\n") ? 1 : 0 }
    return (line, before.count - lineStart + 1)
  }
}
