/// The candidate most like `name`, or nil if none is like it: it differs in at most a third of its characters, only in
/// case, `_` and `-`, or by a missing ending.
package func nearest(to name: String, among candidates: [String]) -> String? {
  let maxNameBytes = 128
  guard name.utf8.count <= maxNameBytes else { return nil }
  let folded = fold(name)
  guard !folded.isEmpty else { return nil }
  var best: (candidate: String, distance: Int)?
  for candidate in candidates where candidate != name && candidate.utf8.count <= maxNameBytes {
    let other = fold(candidate)
    let distance = editDistance(folded, other)
    let longer = max(folded.count, other.count)
    let isEnding = min(folded.count, other.count) >= 4 && (other.starts(with: folded) || folded.starts(with: other))
    guard distance <= max(1, longer / 3) && distance < longer || isEnding else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.candidate
}

/// The phrase ` (did you mean "x"?)`, empty if nothing is near.
package func suggestion(for name: String, among candidates: [String]) -> String {
  nearest(to: name, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
}

/// Lower case, without `_` and `-`.
private func fold(_ name: String) -> [UInt8] {
  name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
}

/// How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b` (optimal string alignment).
package func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in b.indices {
      var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
