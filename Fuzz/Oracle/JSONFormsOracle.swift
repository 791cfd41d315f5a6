import LogPipeline

/// Holds the plain way of the JSON decoder against the general one: the same JSON with white space, which only the
/// general way reads, must be accepted or refused alike and read the same.
package enum JSONFormsOracle {
  /// How the two forms of a body differ; nil if they do not.
  package static func difference(_ body: [UInt8]) -> String? {
    let (plain, general) = (text(of: body), text(of: spaced(body)))
    if plain == general { return nil }
    return "as it is: \(plain ?? "refused")\n  with spaces: \(general ?? "refused")"
  }

  /// Whether a body is a request.
  package static func isAccepted(_ body: [UInt8]) -> Bool { text(of: body) != nil }

  private static func text(of body: [UInt8]) -> String? {
    var batch = LogBatch()
    do { try batch.decode(json: body, limits: DecodeLimits()) } catch { return nil }
    let text = "\(BatchText.text(of: batch))\(batch.oddities)"
    // What stands where text should is kept as its JSON, with the white space in it.
    return batch.oddities.mendedValues > 0 ? text.filter { $0 != " " } : text
  }

  /// The body with a space before each colon, comma and bracket outside strings.
  private static func spaced(_ body: [UInt8]) -> [UInt8] {
    var spaced: [UInt8] = []
    spaced.reserveCapacity(body.count * 2)
    var (isInside, isEscaped) = (false, false)
    for byte in body {
      if !isInside && ":,[]{}".utf8.contains(byte) { spaced.append(0x20) }
      spaced.append(byte)
      if byte == UInt8(ascii: "\"") && !isEscaped { isInside.toggle() }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return spaced
  }
}
