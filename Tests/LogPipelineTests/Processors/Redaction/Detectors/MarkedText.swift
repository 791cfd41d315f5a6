import Testing

@testable import LogPipeline

/// A text in which `‹…›` is what redaction is to mask, and `⏎` a line end.
struct MarkedText {
  let text: String
  let left: String

  init(_ marked: String) {
    let lines = marked.replacing("⏎", with: "\n")
    text = lines.replacing("‹", with: "").replacing("›", with: "")
    var left = ""
    var isHidden = false
    for character in lines {
      if character == "‹" { (isHidden, left) = (true, left + "****") }
      if !isHidden { left.append(character) }
      if character == "›" { isHidden = false }
    }
    self.left = left
  }

  /// Expects that the default rules leave what is not marked, once and again.
  func check(_ location: SourceLocation = #_sourceLocation) {
    let redact = Redacting(pack: "default")
    #expect(redact(text) == left, sourceLocation: location)
    #expect(redact(left) == left, sourceLocation: location)
  }
}
