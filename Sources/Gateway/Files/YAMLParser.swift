package import Options

/// Turns YAML text into a ``ConfigNode``, event by event, without recursion: every limit is checked before a value is
/// kept, and aliases count as often as they are used.
///
/// Merge keys (`<<`), anchors and aliases work as in YAML 1.1; map keys must be scalars.
package struct YAMLParser {
  private let source: String
  private let limits: ConfigLimits
  private let report: ConfigReport
  private var open: [OpenCollection] = []
  private var anchors: [String: Anchored] = [:]
  private var nodeCount = 0
  private var root: ConfigNode?

  /// A value that an anchor names, with what each use of it costs.
  private struct Anchored {
    var node: ConfigNode
    var nodeCount: Int
    var depth: Int
  }

  /// Why parsing stopped.
  private struct Failure: Error {
    var place: ConfigPlace
    var message: String
  }

  private init(source: String, limits: ConfigLimits, report: ConfigReport) {
    self.source = source
    self.limits = limits
    self.report = report
  }

  /// Parses one YAML document; nil after an error, which is in `report`. An empty document is an empty map.
  package static func parse(
    _ bytes: [UInt8], source: String, limits: ConfigLimits = ConfigLimits(), report: ConfigReport
  ) -> ConfigNode? {
    var parser = YAMLParser(source: source, limits: limits, report: report)
    do throws(Failure) {
      try parser.run(bytes)
    } catch {
      report.error(at: error.place, path: "", error.message)
      return nil
    }
    return parser.root ?? ConfigNode(.map([]), at: ConfigPlace(source: source))
  }

  private mutating func run(_ bytes: [UInt8]) throws(Failure) {
    guard bytes.count <= limits.maxFileBytes else {
      throw failure("cannot read \(bytes.count) bytes of YAML: the limit is \(limits.maxFileBytes) bytes")
    }
    guard var events = YAMLEvents(bytes) else { throw failure("cannot start the YAML parser: out of memory") }
    while true {
      switch events.next() {
      case .end: return
      case .tooDeep(let line, let column):
        throw failure("found too many levels of nesting: the limit is \(limits.maxDepth)", line: line, column: column)
      case .failed(let line, let column, let problem):
        throw failure("cannot parse YAML: \(problem)", line: line, column: column)
      case .event(let event): try handle(event)
      }
    }
  }

  private mutating func handle(_ event: YAMLEvents.Event) throws(Failure) {
    let place = ConfigPlace(source: source, line: event.line, column: event.column)
    switch event.kind {
    case .document:
      if root != nil { throw Failure(place: place, message: "expected one YAML document, found another") }
    case .alias(let name): try useAlias(name, at: place)
    case .scalar(let text, let isPlain, let tag):
      try count(1, at: place)
      let content = try content(ofScalar: text, isPlain: isPlain, tag: tag, at: place)
      try keep(Anchored(node: ConfigNode(content, at: place), nodeCount: 1, depth: 0), anchor: event.anchor)
    case .listStart: try open(.list([]), anchor: event.anchor, at: place)
    case .mapStart: try open(.map([]), anchor: event.anchor, at: place)
    case .collectionEnd: try closeCollection()
    }
  }

  private mutating func useAlias(_ name: String, at place: ConfigPlace) throws(Failure) {
    guard var anchored = anchors[name] else {
      let isOpen = open.contains { $0.anchor == name }
      let problem = isOpen ? "contains itself" : "is not defined before this place"
      throw Failure(place: place, message: "the anchor \"\(name.forDisplay(maxCharacters: 64))\" \(problem)")
    }
    try count(anchored.nodeCount, at: place)
    try checkDepth(open.count + anchored.depth, at: place)
    if open.last?.expectsKey == true { anchored.node.place = place }
    try keep(anchored, anchor: nil)
  }

  private mutating func open(
    _ content: ConfigNode.Content, anchor: String?, at place: ConfigPlace
  ) throws(Failure) {
    try count(1, at: place)
    try checkDepth(open.count + 1, at: place)
    if let parent = open.last, parent.expectsKey {
      throw Failure(place: place, message: "a key must be text, found a list or a map")
    }
    open.append(OpenCollection(content, anchor: anchor, at: place))
  }

  private mutating func closeCollection() throws(Failure) {
    guard let closed = open.popLast() else { return }
    let anchored = Anchored(node: closed.node(report), nodeCount: closed.nodeCount, depth: closed.depth)
    try keep(anchored, anchor: closed.anchor)
  }

  /// Puts a complete value where it belongs: the root, the next item of a list, or a key or value of a map.
  private mutating func keep(_ value: Anchored, anchor: String?) throws(Failure) {
    if let anchor { anchors[anchor] = value }
    guard let last = open.indices.last else {
      root = value.node
      return
    }
    if open[last].expectsKey {
      guard case .scalar(let key) = value.node.content else {
        throw Failure(place: value.node.place, message: "a key must be text, found \(value.node.summary)")
      }
      open[last].take(key: key.text, at: value.node.place)
    } else {
      open[last].take(value: value.node, nodeCount: value.nodeCount, depth: value.depth)
    }
  }

  /// YAML 1.1 section 10.3: an untagged plain scalar that is empty, `~` or `null` is nothing; tags can override.
  private func content(
    ofScalar text: String, isPlain: Bool, tag: String?, at place: ConfigPlace
  ) throws(Failure) -> ConfigNode.Content {
    let isNull = ["", "~", "null", "Null", "NULL"].contains(text)
    switch tag {
    case nil: return isPlain && isNull ? .null : .scalar(.init(text, isQuoted: !isPlain))
    case "!", "tag:yaml.org,2002:str": return .scalar(.init(text, isQuoted: true))
    case "tag:yaml.org,2002:null": return .null
    case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float": return .scalar(.init(text))
    case .some(let tag):
      let shown = tag.forDisplay(maxCharacters: 64)
      throw Failure(place: place, message: "the YAML tag \"\(shown)\" is not supported")
    }
  }

  private mutating func count(_ nodes: Int, at place: ConfigPlace) throws(Failure) {
    let (sum, overflow) = nodeCount.addingReportingOverflow(nodes)
    guard !overflow, sum <= limits.maxNodes else {
      let found = overflow ? "too many" : "\(sum)"
      throw Failure(
        place: place, message: "found \(found) YAML values, aliases expanded: the limit is \(limits.maxNodes)")
    }
    nodeCount = sum
  }

  private func checkDepth(_ depth: Int, at place: ConfigPlace) throws(Failure) {
    guard depth <= limits.maxDepth else {
      throw Failure(place: place, message: "found \(depth) levels of nesting: the limit is \(limits.maxDepth)")
    }
  }

  private func failure(_ message: String, line: Int = 1, column: Int = 1) -> Failure {
    Failure(place: ConfigPlace(source: source, line: line, column: column), message: message)
  }
}

/// A list or map whose end has not been seen yet.
private struct OpenCollection {
  let place: ConfigPlace
  let anchor: String?
  var nodeCount = 1
  /// The levels of nesting in this collection, itself included.
  var depth = 1
  private var content: ConfigNode.Content
  private var key: (text: String, place: ConfigPlace)?
  private var keyPlaces: [String: ConfigPlace] = [:]
  private var duplicates: [(key: String, place: ConfigPlace, first: ConfigPlace)] = []
  private var merged: [(node: ConfigNode, place: ConfigPlace)] = []

  init(_ content: ConfigNode.Content, anchor: String?, at place: ConfigPlace) {
    self.content = content
    self.anchor = anchor
    self.place = place
  }

  var expectsKey: Bool {
    if case .map = content { key == nil } else { false }
  }

  mutating func take(key text: String, at place: ConfigPlace) {
    nodeCount &+= 1
    key = (text, place)
    if let first = keyPlaces[text] {
      duplicates.append((text, place, first))
    } else {
      keyPlaces[text] = place
    }
  }

  mutating func take(value: ConfigNode, nodeCount: Int, depth: Int) {
    self.nodeCount &+= nodeCount
    self.depth = max(self.depth, depth &+ 1)
    switch content {
    case .list(var items):
      content = .null
      items.append(value)
      content = .list(items)
    case .map(var entries):
      content = .null
      if let key {
        if key.text == "<<" {
          merged.append((value, key.place))
        } else {
          entries.append(.init(key: key.text, place: key.place, value: value))
        }
      }
      key = nil
      content = .map(entries)
    case .null, .scalar, .invalid: break
    }
  }

  /// The finished value; duplicate keys and bad merge keys go to `report`.
  func node(_ report: ConfigReport) -> ConfigNode {
    for duplicate in duplicates {
      let key = duplicate.key.forDisplay(maxCharacters: 64)
      let message = "duplicate key \"\(key)\": line \(duplicate.first.line) and line \(duplicate.place.line)"
      report.error(at: duplicate.place, path: "", message)
    }
    guard case .map(var entries) = content else { return ConfigNode(content, at: place) }
    var present = Set(entries.map(\.key))
    for (node, place) in merged {
      guard let maps = node.mergeSources else {
        report.error(at: place, path: "", "the merge key << needs a map or a list of maps, found \(node.summary)")
        continue
      }
      for entry in maps.joined() where present.insert(entry.key).inserted { entries.append(entry) }
    }
    return ConfigNode(.map(entries), at: place)
  }
}

extension ConfigNode {
  /// The maps that `<<` names, earlier ones winning; nil if this is neither a map nor a list of maps.
  fileprivate var mergeSources: [[Entry]]? {
    switch content {
    case .map(let entries): return [entries]
    case .list(let items):
      let maps = items.compactMap(\.entries)
      return maps.count == items.count ? maps : nil
    case .null, .scalar, .invalid: return nil
    }
  }
}
