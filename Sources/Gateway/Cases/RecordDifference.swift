import LogPipeline

/// Where a record differs from what a case expects, one line for each place.
struct RecordDifference {
  private(set) var lines: [String] = []
  private let isExact: Bool

  /// Compares the records that came out with those expected, in their order.
  init(of found: [Constant], from expected: [Constant], isExact: Bool) {
    self.isExact = isExact
    for (index, pair) in zip(found, expected).enumerated() { compare(pair.0, pair.1, at: "record \(index + 1)") }
    for index in found.indices.dropFirst(expected.count) {
      lines.append("record \(index + 1): not expected: \(Self.text(found[index]))")
    }
    for index in expected.indices.dropFirst(found.count) {
      lines.append("record \(index + 1): missing, expected \(Self.text(expected[index]))")
    }
  }

  private mutating func compare(_ found: Constant?, _ expected: Constant, at path: String) {
    switch (found, expected) {
    case (.map(let members), .map(let wanted)): compare(members, wanted, at: path)
    case (.array(let items), .array(let wanted)) where items.count == wanted.count:
      for (index, pair) in zip(items, wanted).enumerated() { compare(pair.0, pair.1, at: "\(path)[\(index)]") }
    case (nil, .empty), (.some(.empty), .empty): return
    case (.int(let whole), .double(let number)) where Double(whole) == number: return
    case (.double(let number), .int(let whole)) where Double(whole) == number: return
    case (nil, _): lines.append("\(path): missing, expected \(Self.text(expected))")
    case (.some(let found), _):
      if found != expected { lines.append("\(path): expected \(Self.text(expected)), found \(Self.text(found))") }
    }
  }

  private mutating func compare(_ found: [Constant.Member], _ expected: [Constant.Member], at path: String) {
    for member in expected {
      compare(found.first { $0.key == member.key }?.value, member.value, at: "\(path).\(member.key)")
    }
    guard isExact else { return }
    for member in found where !expected.contains(where: { $0.key == member.key }) {
      lines.append("\(path).\(member.key): not expected: \(Self.text(member.value))")
    }
  }

  /// A value as JSON.
  private static func text(_ value: Constant) -> String {
    var json = ByteWriter()
    CaseRequest.appendPlain(value, to: &json)
    return String(decoding: json.array, as: UTF8.self)
  }
}
