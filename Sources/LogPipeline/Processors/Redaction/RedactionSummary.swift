/// The keys of one owner of attributes that redaction touched, for the Collector's summary attributes.
///
/// Kept only if the configuration asks for a summary.
struct RedactionSummary {
  /// Keys of one kind and how many they were.
  struct Keys {
    var names: [[UInt8]] = []
    var count: Int64 = 0

    mutating func note(_ name: [UInt8]) {
      names.append(name)
      count &+= 1
    }
  }

  let level: RedactionOptions.Summary
  var redacted = Keys()
  var masked = Keys()
  var allowed = Keys()
  var ignored = Keys()

  init(_ level: RedactionOptions.Summary) { self.level = level }

  /// Every key that a summary may have; an allow-list lets them pass, so that a second processor keeps them.
  static let allKeys = ["", "body."].flatMap { part in
    ["redacted", "masked", "allowed", "ignored"].flatMap { kind in
      (kind == "ignored" ? ["count"] : ["keys", "count"]).map { "redaction.\(part)\(kind).\($0)" }
    }
  }

  var isEmpty: Bool { redacted.count | masked.count | allowed.count | ignored.count == 0 }

  /// Adds the summary to the attributes of `range`, on top of one that is there, and empties it.
  mutating func write(part: String, to range: inout EntryRange, in batch: inout LogBatch) {
    guard level != .silent, !isEmpty else { return }
    var owner = Owner(editor: AttributeEditor(range))
    for (kind, keys) in [("redacted", redacted), ("masked", masked), ("allowed", allowed), ("ignored", ignored)]
    where keys.count > 0 {
      let name = "redaction.\(part)\(kind)"
      if level == .debug && kind != "ignored" { owner.add(keys.names, to: "\(name).keys", in: &batch) }
      owner.add(keys.count, to: "\(name).count", in: &batch)
    }
    range = owner.editor.range
    self = RedactionSummary(level)
  }

  /// The attributes that a summary is written to.
  private struct Owner {
    var editor: AttributeEditor

    mutating func add(_ names: [[UInt8]], to key: String, in batch: inout LogBatch) {
      var names = names
      if let old = value(of: key, in: batch), old.kind == .string, !old.slice.isEmpty {
        names += batch.store[old.slice.range].split(separator: UInt8(ascii: ",")).map { Array($0) }
      }
      names.sort { $0.lexicographicallyPrecedes($1) }
      let joined = Array(names.joined(separator: [UInt8(ascii: ",")]))
      if let slice = batch.store(joined) { set(key, .string(slice), in: &batch) }
    }

    mutating func add(_ count: Int64, to key: String, in batch: inout LogBatch) {
      var total = count
      if let old = value(of: key, in: batch), old.kind == .int { total &+= old.intValue }
      set(key, .int(total), in: &batch)
    }

    private func value(of key: String, in batch: borrowing LogBatch) -> Value? {
      var key = key
      return key.withUTF8 { editor.index(of: UnsafeRawBufferPointer($0), in: batch) }.map { batch.attributes[$0].value }
    }

    private mutating func set(_ key: String, _ value: Value, in batch: inout LogBatch) {
      guard let slice = batch.store(key.utf8) else { return }
      editor.set(Attribute(key: slice, value: value), in: &batch)
    }
  }
}
