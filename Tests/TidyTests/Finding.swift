import Testing

/// What a check found: where, and what is wrong there.
struct Finding: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let text: String

  var description: String { "\(path):\(line): \(text)" }
}

/// Fails the test for each finding.
func expectNone(_ findings: [Finding]) {
  for finding in findings { Issue.record("\(finding)") }
}
