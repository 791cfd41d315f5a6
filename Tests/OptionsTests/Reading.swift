import Options

/// What an option's text is read as, or the description of what was expected.
func read<T>(_ type: OptionType<T>, _ text: String) -> Result<T, OptionMismatch> {
  do throws(OptionMismatch) {
    return .success(try type.parse(text))
  } catch {
    return .failure(error)
  }
}

extension Result where Failure == OptionMismatch {
  var value: Success? { if case .success(let value) = self { value } else { nil } }
  var mismatch: OptionMismatch? { if case .failure(let mismatch) = self { mismatch } else { nil } }
}
