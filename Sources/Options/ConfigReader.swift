/// Reads the options of one section with their types, defaults and docs, as a table:
///
///     timeout = options.read("timeout", .duration(), default: .seconds(30), "Time for one request.")
///
/// Problems go to the report and reading goes on; `finish` reports keys that nobody read. What was read is recorded
/// for `print-config` and the reference. One thread uses a reader, at start.
package final class ConfigReader {
  /// The dotted path of this section, empty for the document.
  package let path: String
  /// Where the section stands.
  package let place: ConfigPlace
  /// Where problems go. Those of what is no section go nowhere: that it is none is said already.
  package let report: ConfigReport
  private let entries: [ConfigNode.Entry]
  private var index: [String: Int] = [:]
  private var known: Set<String> = []
  /// What was read so far, in order.
  package private(set) var records: [OptionRecord] = []

  /// A reader of `node`; anything but a map or nothing is an error and reads as an empty map.
  package init(_ node: ConfigNode, path: String, report: ConfigReport) {
    self.path = path
    self.report = node.isMapOrNothing ? report : ConfigReport()
    place = node.place
    switch node.content {
    case .map(let entries): self.entries = entries
    case .null, .invalid: entries = []
    case .scalar, .list:
      entries = []
      report.error(at: node.place, path: path, "expected a map, found \(node.kind)")
    }
    for (position, entry) in entries.enumerated() { index[entry.key] = position }
  }

  /// What is given, as it was read.
  package var content: ConfigNode { ConfigNode(.map(entries), at: place) }

  /// The given keys in the order of the file.
  package var keys: [String] { entries.map(\.key) }

  /// True if the configuration has this key, even with nothing as its value.
  package func has(_ key: String) -> Bool { index[key] != nil }

  /// Where the key stands, or this section if it is not given.
  package func place(of key: String) -> ConfigPlace { entry(key)?.place ?? place }

  /// Takes note that an option that was read asks for what authentication knows of a sender by a name.
  package func ask(claim name: String, at key: String) {
    report.ask(claim: name, at: place(of: key), path: path(of: key))
  }

  /// Reports a problem of an option that was read, such as a contradiction to another.
  package func error(at key: String, _ message: String) {
    report.error(at: place(of: key), path: path(of: key), message)
  }

  /// Reports something doubtful about an option that was read.
  package func warning(at key: String, _ message: String) {
    report.warning(at: place(of: key), path: path(of: key), message)
  }

  /// Reports every given key that was not read, with the nearest one that was.
  package func finish() {
    for entry in entries where !known.contains(entry.key) {
      let candidates = report.isFull ? [] : records.map(\.key) + known.subtracting(records.map(\.key)).sorted()
      let hint = hint(for: entry.key, among: candidates)
      let key = entry.key.forDisplay(maxCharacters: 64)
      report.error(at: entry.place, path: path, "unknown key \"\(key)\"\(hint)")
    }
  }

  /// The most keys of a section that are listed where one is unknown.
  private static let maxListedKeys = 8

  /// The nearest key or, where none is near, all of a small section.
  private func hint(for key: String, among candidates: [String]) -> String {
    let near = suggestion(for: key, among: candidates)
    guard near.isEmpty, (1...Self.maxListedKeys).contains(candidates.count) else { return near }
    return " (known here: \(candidates.joined(separator: ", ")))"
  }

  /// Reports that none of the keys, one of which is needed, is given; a value that cannot be read is given.
  package func requireOne(of keys: String...) {
    if keys.contains(where: { !isEmpty($0) }) { return }
    report.error(at: place, path: path, "\(keys.joined(separator: " or ")): required")
  }

  /// True if the key is not given, or has nothing or an empty list as its value.
  package func isEmpty(_ key: String) -> Bool {
    switch entry(key)?.value.content {
    case nil, .null: true
    case .list(let items): items.isEmpty
    case .scalar, .map, .invalid: false
    }
  }

  /// True if the value of the key is the word `false`.
  package func saysFalse(_ key: String) -> Bool {
    if case .scalar(let scalar) = entry(key)?.value.content { scalar.text == "false" } else { false }
  }

  /// The dotted path of a key of this section.
  package func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The key with its place and its value; nil if it is not given.
  package func entry(_ key: String) -> ConfigNode.Entry? { index[key].map { entries[$0] } }

  /// The value of a key, nil if it is not given or nothing; the key counts as known from now on.
  package func take(_ key: String) -> ConfigNode? {
    known.insert(key)
    guard let value = entry(key)?.value, !value.isNull else { return nil }
    return value
  }

  /// Adds a record of an option that `take` has given.
  package func record(_ record: OptionRecord) { records.append(record) }
}

extension ConfigReader {
  /// An option with a default.
  package func read<T>(_ key: String, _ type: OptionType<T>, default defaultValue: T, _ doc: String) -> T {
    let given = take(key)
    let value = given.flatMap { parse($0, type, at: path(of: key)) } ?? defaultValue
    record(.init(key: key, type: type.name, doc: doc, isGiven: given != nil, value: .scalar(type.show(value))))
    return value
  }

  /// An option that may be left out.
  package func optional<T>(_ key: String, _ type: OptionType<T>, _ doc: String) -> T? {
    let given = take(key)
    let value = given.flatMap { parse($0, type, at: path(of: key)) }
    let shown = value.map { OptionValue.scalar(type.show($0)) } ?? .absent
    record(.init(key: key, type: type.name, doc: doc, isGiven: given != nil, value: shown))
    return value
  }

  /// An option that must be given; without it the type's placeholder is returned and an error reported.
  package func required<T>(_ key: String, _ type: OptionType<T>, _ doc: String) -> T {
    let given = take(key)
    if given == nil { report.error(at: place(of: key), path: path(of: key), "required, but not given") }
    let value = given.flatMap { parse($0, type, at: path(of: key)) }
    let shown = value.map { OptionValue.scalar(type.show($0)) } ?? .absent
    record(.init(key: key, type: type.name, doc: doc, isRequired: true, isGiven: given != nil, value: shown))
    return value ?? type.placeholder
  }

  /// A list of values of one type; items that cannot be read are reported and left out.
  package func list<T>(_ key: String, of type: OptionType<T>, default defaultValue: [T] = [], _ doc: String) -> [T] {
    placedList(key, of: type, default: defaultValue, doc).map(\.value)
  }

  /// A list of values of one type with the place of each.
  package func placedList<T>(
    _ key: String, of type: OptionType<T>, default defaultValue: [T] = [], _ doc: String
  ) -> [(value: T, place: ConfigPlace)] {
    let place = place(of: key)
    let given = take(key)
    let values = given.flatMap { parseList($0, type, at: path(of: key)) } ?? defaultValue.map { ($0, place) }
    let shown = values.map { OptionValue.scalar(type.show($0.value)) }
    record(.init(key: key, type: "list of \(type.name)", doc: doc, isGiven: given != nil, value: .list(shown)))
    return values
  }

  /// A map with free keys to values of one type, in the order of the file; also as a list of `{name, value}`.
  package func map<T>(_ key: String, of type: OptionType<T>, _ doc: String) -> [(key: String, value: T)] {
    let given = take(key)?.pairsAsMap
    var values: [(key: String, value: T)] = []
    var shown: [OptionRecord] = []
    for entry in given.flatMap({ mapEntries($0, at: path(of: key)) }) ?? [] {
      // As in the Collector, a key with nothing behind it has an empty text.
      let given = entry.value.isNull ? ConfigNode(.scalar(.init("")), at: entry.value.place) : entry.value
      guard let value = parse(given, type, at: "\(path(of: key)).\(entry.key)") else { continue }
      values.append((entry.key, value))
      shown.append(
        .init(key: entry.key, type: type.name, doc: "", isGiven: true, value: .scalar(type.show(value))))
    }
    record(.init(key: key, type: "map of \(type.name)", doc: doc, isGiven: given != nil, value: .section(shown)))
    return values
  }

  /// A section whose options all have defaults, read whether it is given or not.
  package func section<T>(_ key: String, _ doc: String, _ read: (ConfigReader) -> T) -> T {
    let given = take(key)
    let child = child(given ?? ConfigNode(.null, at: place(of: key)), at: path(of: key))
    let value = read(child)
    child.finish()
    record(.init(key: key, type: "", doc: doc, isGiven: given != nil, value: .section(child.records)))
    return value
  }

  /// A section that switches something on: read only if its key is given, even with nothing as its value.
  @discardableResult
  package func optionalSection<T>(_ key: String, _ doc: String, _ read: (ConfigReader) -> T) -> T? {
    guard has(key) else {
      _ = take(key)
      let template = template(read, at: path(of: key))
      record(.init(key: key, type: "section", doc: doc, isGiven: false, value: .absent, template: template))
      return nil
    }
    return section(key, doc, read)
  }

  /// A list of sections, each read in the same way. With `ofScalars` an item that is a scalar stands for a section with
  /// that key alone.
  package func sections<T>(
    _ key: String, _ doc: String, ofScalars scalarKey: String? = nil, _ read: (ConfigReader) -> T
  ) -> [T] {
    let given = take(key)
    let items = given.flatMap { listItems($0, at: path(of: key)) } ?? []
    var values: [T] = []
    var shown: [OptionValue] = []
    for (position, given) in items.enumerated() {
      var item = given
      if let scalarKey, case .scalar = given.content {
        let entry = ConfigNode.Entry(key: scalarKey, place: given.place, value: given)
        item = ConfigNode(.map([entry]), at: given.place)
      }
      let child = child(item, at: "\(path(of: key))[\(position)]")
      values.append(read(child))
      child.finish()
      shown.append(.section(child.records))
    }
    let template = shown.isEmpty ? template(read, at: path(of: key)) : []
    record(
      .init(
        key: key, type: "list of sections", doc: doc, isGiven: given != nil, value: .list(shown), template: template))
    return values
  }

  /// A map from at most `maxCount` free keys to sections; `read` gets the key, its place and a reader of its section.
  package func namedSections<T>(
    _ key: String, maxCount: Int, _ doc: String,
    _ read: (_ name: String, _ place: ConfigPlace, _ options: ConfigReader) -> T?
  ) -> [T] {
    let given = take(key)
    var values: [T] = []
    var shown: [OptionRecord] = []
    let entries = given.flatMap { mapEntries($0, at: path(of: key)) } ?? []
    if entries.count > maxCount { error(at: key, "found \(entries.count) sections: the limit is \(maxCount)") }
    for entry in entries.prefix(maxCount) {
      let child = child(entry.value, at: "\(path(of: key)).\(entry.key)")
      guard let value = read(entry.key, entry.place, child) else { continue }
      child.finish()
      values.append(value)
      shown.append(.init(key: entry.key, type: "", doc: "", isGiven: true, value: .section(child.records)))
    }
    record(.init(key: key, type: "", doc: doc, isGiven: given != nil, value: .section(shown)))
    return values
  }

  /// Keys of the Collector that have no effect here: accepted, each with a warning that says why.
  package func ignored(_ keys: String..., because reason: String) {
    for key in keys where take(key) != nil { warning(at: key, "has no effect: \(reason)") }
  }

  /// Keys of the Collector whose effect would be missed here: each an error that says why.
  package func unsupported(_ keys: String..., because reason: String) {
    for key in keys where take(key) != nil { error(at: key, "not supported by sluice: \(reason)") }
  }

  /// A whole section of the Collector that has no effect here: accepted, with one warning that says why.
  package func ignoreAll(because reason: String) {
    known.formUnion(keys)
    report.warning(at: place, path: path, "has no effect: \(reason)")
  }

  func child(_ node: ConfigNode, at path: String) -> ConfigReader {
    ConfigReader(node, path: path, report: report)
  }

  /// What `read` would read from a section that is not given; its problems do not count.
  func template<T>(_ read: (ConfigReader) -> T, at path: String) -> [OptionRecord] {
    let reader = ConfigReader(ConfigNode(.null, at: place), path: path, report: ConfigReport())
    _ = read(reader)
    return reader.records
  }
}

extension ConfigReader {
  /// One scalar as `type`; nil after an error, which is reported without any secret.
  private func parse<T>(_ node: ConfigNode, _ type: OptionType<T>, at path: String) -> T? {
    switch node.content {
    case .invalid: return nil
    case .null, .list, .map:
      report.error(
        at: node.place, path: path, "expected \(type.isSecret ? "text" : type.name), found \(node.summary)")
      return nil
    case .scalar(let scalar):
      do throws(OptionMismatch) {
        return try type.parse(scalar.text)
      } catch {
        report.error(at: node.place, path: path, message(error, scalar, isSecret: type.isSecret))
        return nil
      }
    }
  }

  private func message(_ mismatch: OptionMismatch, _ scalar: ConfigNode.Scalar, isSecret: Bool) -> String {
    let expected = "expected \(mismatch.expected)"
    if isSecret || mismatch.hidesText { return expected }
    let suggestion = scalar.origin == nil ? mismatch.suggestion : nil
    let hint = suggestion.map { " (did you mean \"\($0.forDisplay(maxCharacters: 64))\"?)" } ?? ""
    return "\(expected), found \(scalar.summary)\(hint)"
  }

  private func parseList<T>(
    _ node: ConfigNode, _ type: OptionType<T>, at path: String
  ) -> [(value: T, place: ConfigPlace)]? {
    let parts = type.isSecret ? nil : node.listItems
    guard let items = parts ?? listItems(node, at: path) else { return nil }
    var values: [(value: T, place: ConfigPlace)] = []
    for (position, item) in items.enumerated() {
      if let value = parse(item, type, at: "\(path)[\(position)]") { values.append((value, item.place)) }
    }
    return values
  }

  func listItems(_ node: ConfigNode, at path: String) -> [ConfigNode]? {
    if case .list(let items) = node.content { return items }
    if case .invalid = node.content { return nil }
    report.error(at: node.place, path: path, "expected a list, found \(node.kind)")
    return nil
  }

  private func mapEntries(_ node: ConfigNode, at path: String) -> [ConfigNode.Entry]? {
    if let entries = node.entries { return entries }
    if case .invalid = node.content { return nil }
    report.error(at: node.place, path: path, "expected a map, found \(node.kind)")
    return nil
  }
}
