/// Text without characters that could drive a terminal or end a line.
func visible(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The same of each line of a text; lines that are empty go.
func visibleLines(_ text: String) -> String {
  text.split(separator: "\n").map { visible(String($0)) }.joined(separator: "\n")
}
