/// What a request may hold once decoded; a request past a limit is refused whole, before memory is taken.
package struct DecodeLimits: Sendable, Equatable {
  /// Levels of nested `AnyValue` (config `max_depth`); a scalar body or attribute is level 1.
  package var maxDepth = 64
  /// Records in one request, and also scopes and resources (config `max_records_per_request`).
  package var maxRecords = 1 << 20
  /// Attributes, map members and array elements in one request (config `max_values_per_request`).
  package var maxValues = 4 << 20
  /// What becomes of a string that is not UTF-8 (config `invalid_utf8`).
  package var invalidUTF8 = InvalidUTF8.replace
  /// Whether times that are plainly in another unit than nanoseconds are mended (config `mend_time_units`).
  package var mendsTimeUnits = true

  package init() {}

  /// For records that a receiver took in within its own limits before.
  package static var ownRecords: DecodeLimits {
    var limits = DecodeLimits()
    limits.maxDepth = 256
    limits.mendsTimeUnits = false
    // Records of several requests may stand in one.
    limits.maxValues = .max
    return limits
  }

  /// What becomes of a string that is not valid UTF-8.
  package enum InvalidUTF8: String, Sendable, CaseIterable {
    /// Each invalid sequence becomes U+FFFD, and the string is counted.
    case replace
    /// The request is refused.
    case refuse
  }
}

/// Why a request body could not be decoded.
package struct DecodeError: Error, Sendable, Equatable {
  /// What was wrong.
  package enum Reason: Sendable, Equatable {
    /// What was expected at the offset.
    case malformed(StaticText)
    /// Values nested deeper than `max_depth`.
    case tooDeep(limit: Int)
    /// More than `max_records_per_request`.
    case tooManyRecords(limit: Int)
    /// More than `max_values_per_request`.
    case tooManyValues(limit: Int)
    /// A string is not UTF-8 and `invalid_utf8` is `refuse`.
    case invalidUTF8
    /// The store of the batch would pass what its slices can address.
    case tooLarge(limitBytes: Int)
  }

  package var reason: Reason
  /// Offset in the (decompressed) body where the fault was seen, in bytes.
  package var offset: Int

  package init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// One line for the sender; it quotes nothing of the body.
  package var message: String {
    switch reason {
    case .malformed(let what): "byte \(offset): \(what.text)"
    case .tooDeep(let limit): "byte \(offset): values are nested more than \(limit) levels deep (max_depth)"
    case .tooManyRecords(let limit):
      "byte \(offset): more than \(limit) records, scopes or resources (max_records_per_request)"
    case .tooManyValues(let limit): "byte \(offset): more than \(limit) values (max_values_per_request)"
    case .invalidUTF8: "byte \(offset): string is not valid UTF-8"
    case .tooLarge(let limit): "byte \(offset): decoded strings exceed \(limit) bytes"
    }
  }
}

/// Text known when the program is compiled, so that an error can hold it without allocating.
package struct StaticText: Sendable, Equatable, ExpressibleByStringLiteral {
  private let value: StaticString

  package init(stringLiteral value: StaticString) { self.value = value }

  package var text: String { value.description }

  package static func == (a: StaticText, b: StaticText) -> Bool { a.text == b.text }
}
