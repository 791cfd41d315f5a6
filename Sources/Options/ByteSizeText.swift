/// The units of a size: powers of 1000, powers of 1024, and Kubernetes' short forms of both.
private let byteUnits: [(names: [String], bytes: Int64)] = [
  (["", "b"], 1),
  (["k", "kb"], 1000), (["ki", "kib"], 1 << 10),
  (["m", "mb"], 1_000_000), (["mi", "mib"], 1 << 20),
  (["g", "gb"], 1_000_000_000), (["gi", "gib"], 1 << 30),
  (["t", "tb"], 1_000_000_000_000), (["ti", "tib"], 1 << 40),
]

/// Reads a number of bytes: `1048576`, `64MiB`, `64mb` (decimal), `1.5Gi`, `5e6`; units in any case.
package func parseByteSize(_ text: String) throws(OptionMismatch) -> Int {
  let expected = "a size like \"64MiB\", \"64MB\" or \"1048576\""
  let tooLarge = "a size of at most \(Int.max) bytes"
  let number = text.utf8.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
  var rest = text.utf8[number.endIndex...]
  guard let decimal = DecimalText(Substring(number)) else { throw OptionMismatch(expected) }
  var factor: Int64 = 1
  if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
    let exponent = rest.dropFirst().prefix { $0.isASCIIDigit }
    guard let power = Int(Substring(exponent)) else { throw OptionMismatch(expected) }
    guard power <= 18 else { throw OptionMismatch(tooLarge) }
    for _ in 0..<power { factor &*= 10 }
    rest = rest[exponent.endIndex...]
  }
  let unitName = Substring(rest).lowercased().trimmingSpaces
  guard let unit = byteUnits.first(where: { $0.names.contains(unitName) }) else { throw OptionMismatch(expected) }
  let (bytesFactor, overflow) = unit.bytes.multipliedReportingOverflow(by: factor)
  guard !overflow, let bytes = decimal.scaled(by: bytesFactor), let size = Int(exactly: bytes) else {
    throw OptionMismatch(tooLarge)
  }
  return size
}

/// Writes a size with the largest power of 1024 that divides it: `64MiB`, `1000`.
package func formatByteSize(_ bytes: Int) -> String {
  for (unit, name) in [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes != 0 && bytes % (1 << unit) == 0
  {
    return "\(bytes >> unit)\(name)"
  }
  return "\(bytes)"
}
