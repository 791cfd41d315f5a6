import Testing

@testable import LogPipeline

/// Each field in its plain form against the same with a tag and lengths that are longer than they need be, which the
/// plain way leaves to the general one.
@Suite struct ProtobufDecoderPlainTests {
  /// How lengths and tags are written.
  private enum Form: CaseIterable {
    case plain, long

    func varint(_ value: UInt64) -> [UInt8] {
      var bytes = Message.varint(value)
      if self == .long {
        bytes[bytes.count - 1] |= 0x80
        bytes += bytes.count == 1 ? [0x80, 0] : [0]
      }
      return bytes
    }

    func field(_ number: UInt64, _ wireType: UInt64, _ content: [UInt8]) -> Message {
      Message(raw: varint(number << 3 | wireType) + content)
    }

    func bytes(_ number: UInt64, _ content: [UInt8]) -> Message {
      field(number, 2, varint(UInt64(content.count)) + content)
    }

    func pair(_ key: [UInt8], _ value: Message) -> Message {
      Message(bytes(1, key), bytes(2, value.bytes))
    }
  }

  /// What a record of these fields reads as, every field of it; the fields are repeated, so that an attribute follows
  /// another and a field comes twice.
  private func readable(_ fields: Message, scope: Message = Message()) throws -> [String] {
    let batch = try LogBatch.decoded(request: .request(scope: scope, records: fields + fields, fields))
    return batch.records.map { record in
      """
      \(record.timeUnixNano) \(record.observedTimeUnixNano) \(record.severityNumber) \(record.flags) \
      \(record.droppedAttributesCount) \(record.traceID) \(record.spanID) \(batch.text(record.severityText)) \
      \(batch.text(record.eventName)) \(batch.readable(record.body)) \(batch.readable(record.attributes)) \
      \(batch.oddities) \(batch.scopes.map { batch.readable($0.attributes) })
      """
    }
  }

  /// Texts of every length up to 70 and around where lengths take another byte.
  private static let texts = (Array(0...70) + [111, 112, 113] + Array(120...132) + [255, 256, 4000, 16_380, 16_384])
    .map { count in (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) } }

  private static let scalars: [[UInt8]] =
    [
      [0x10, 0], [0x10, 1], [0x10, 2], [0x10, 0x7F], [0x10, 0x80, 1], [0x10, 0xFF, 0xFF, 3],
      [0x21, 1, 2, 3, 4, 5, 6, 7, 0x88], [0x21, 0xFF, 0, 0, 0, 0, 0, 0xF0, 0x7F],
    ] + (0..<64).flatMap { bit -> [[UInt8]] in [1 << bit, (1 << bit) - 1].map { [0x18] + Message.varint($0) } }

  @Test func everyFieldOfARecordReadsAsItsLongForm() throws {
    for size in 0...20 {
      let octets = (0..<size).map { UInt8($0 * 13 + 7) }
      let fields: [(Form) -> Message] = [
        { $0.field(1, 1, [8, 7, 6, 5, 4, 3, 2, 1]) }, { $0.field(11, 1, [1, 2, 3, 4, 5, 6, 7, 0x7F]) },
        { $0.field(1, 1, [0, 0, 0, 0, 0, 0, 0, 0x80]) }, { $0.field(11, 1, Array(repeating: 0xFF, count: 8)) },
        { $0.field(2, 0, $0.varint(UInt64(size * 11))) }, { $0.field(8, 5, [1, 2, 3, 0xFF]) },
        { $0.bytes(9, octets) }, { $0.bytes(10, octets) }, { $0.field(7, 0, $0.varint(UInt64(size * 1000))) },
      ]
      for field in fields {
        // What follows decides whether a field may be loaded with a single check.
        for rest in [Message(), .bytes(15, octets)] {
          let (plain, long) = (field(.plain) + rest, field(.long) + rest)
          #expect(try readable(plain) == readable(long), "\(plain.bytes)")
        }
      }
    }
  }

  @Test func everyTextOfARecordReadsAsItsLongForm() throws {
    for text in Self.texts {
      #expect(try readable(Form.plain.bytes(3, text)) == readable(Form.long.bytes(3, text)))
      #expect(try readable(Form.plain.bytes(12, text)) == readable(Form.long.bytes(12, text)))
      let bodies = Form.allCases.map { $0.bytes(5, $0.bytes(1, text).bytes) }
      #expect(try readable(bodies[0]) == readable(bodies[1]))
      // Followed by a member that replaces the text, and by one that is unknown.
      for member in [Message.int(3, 5), .int(15, 5)] {
        let bodies = Form.allCases.map { $0.bytes(5, ($0.bytes(1, text) + member).bytes) }
        #expect(try readable(bodies[0]) == readable(bodies[1]))
      }
    }
  }

  @Test func everyAttributeReadsAsItsLongForm() throws {
    let values =
      Self.texts.map { text in { (form: Form) in form.bytes(1, text) } }
      + Self.scalars.map { scalar in { (_: Form) in Message(raw: scalar) } } + [{ (_: Form) in Message() }]
    for key in Self.texts.filter({ $0.count < 40 || $0.count > 100 && $0.count < 300 }) {
      for value in values {
        let pairs = Form.allCases.map { $0.pair(key, value($0)) }
        let attributes = zip(Form.allCases, pairs).map { $0.bytes(6, $1.bytes) }
        #expect(try readable(attributes[0]) == readable(attributes[1]), "\(pairs[0].bytes)")
      }
    }
  }

  @Test func attributesOfScopesAndResourcesReadAsTheirLongForms() throws {
    let pairs = Form.allCases.map { form in
      Message((0..<300).map { form.pair(Array("key\($0)".utf8), .text("value \($0)")) }.map { form.bytes(3, $0.bytes) })
    }
    let read = try pairs.map { try readable(.int(2, 9), scope: $0) }
    #expect(read[0] == read[1])
    #expect(read[0][0].contains("value 299"))
    let resources = try Form.allCases.map { form in
      let pairs = (0..<300).map { form.bytes(1, form.pair(Array("key\($0)".utf8), .text("value \($0)")).bytes) }
      return try LogBatch.decoded(request: .request(resource: Message(pairs))).resourceAttributes
    }
    #expect(resources[0] == resources[1])
    #expect(resources[0][0].count == 300)
  }

  @Test func otherOrdersAndMembersOfAPairReadAsTheGeneralWayDoes() throws {
    let key = Message.string(1, "key")
    let value = Message.message(2, .text("value"))
    let forms = [
      value + key, key + value + .int(15, 0), .int(15, 0) + key + value, key + key + value, key + value + value, key,
      value, Message(), key + .message(2, .text("a") + .int(3, 1)), key + .message(2, .int(3, 1) + .text("a")),
      key + .message(2, .message(5, .message(1, .int(3, 1)))), key + .message(2, .bytes(7, [0xFF])),
      key + .message(2, Message(raw: [0x10, 0x80, 0x80, 0x01])), key + .message(2, Message(raw: [0x18, 0x80, 0x00])),
      .string(1, "k\u{e4}y") + value, key + .message(2, .text("\u{65e5}\u{5fd7}")),
    ]
    for form in forms {
      #expect(
        try readable(Form.plain.bytes(6, form.bytes)) == readable(Form.long.bytes(6, form.bytes)), "\(form.bytes)")
    }
  }

  @Test func invalidUTF8IsFoundAtEveryPlaceOfEveryText() throws {
    for count in 1...70 {
      for place in 0..<count {
        var text = [UInt8](repeating: 0x61, count: count)
        text[place] = 0xFF
        let fields = [
          Message.bytes(3, text), .bytes(12, text), .message(5, .bytes(1, text)),
          .message(6, Form.plain.pair(text, .text("v"))), .message(6, Form.plain.pair([0x6B], .bytes(1, text))),
        ]
        for field in fields {
          let batch = try LogBatch.decoded(request: .request(records: .int(2, 9) + field + .fixed64(1, 1)))
          #expect(batch.oddities.repairedStrings == 1)
          #expect(batch.store.suffix(count + 2).elementsEqual(String(decoding: text, as: UTF8.self).utf8))
        }
      }
    }
  }

  @Test func noLengthLeadsOutsideItsMessage() throws {
    let record = Message(
      .string(3, "INFO"), .message(5, .text("a body of some length")), .message(6, .pair("key", .text("value"))),
      .message(6, .pair("status", .int(3, 200))), .bytes(9, Array(1...16)), .bytes(10, Array(1...8)))
    let body = Message.request(records: record, record).bytes
    for place in body.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = body
        changed[place] = byte
        var batch = LogBatch()
        do { try batch.decode(protobuf: changed, limits: DecodeLimits()) } catch { continue }
        for record in batch.records {
          #expect(record.severityText.range.upperBound <= batch.store.count)
          if record.body.kind == .string { #expect(record.body.slice.range.upperBound <= batch.store.count) }
        }
        for attribute in batch.attributes {
          #expect(attribute.key.range.upperBound <= batch.store.count)
          if attribute.value.kind == .string { #expect(attribute.value.slice.range.upperBound <= batch.store.count) }
        }
      }
    }
  }

  @Test func aRequestMayHoldAsManyValuesAsTheLimitSaysAndNoMore() {
    for count in [1, 2, 169, 170, 171, 400] {
      let pairs = Message((0..<count).map { Message.message(6, .pair("k\($0)", .text("some text"))) })
      let body = Message.request(scope: .string(1, "a name"), records: pairs).bytes
      var limits = DecodeLimits()
      for limit in [count, count - 1] {
        limits.maxValues = limit
        var batch = LogBatch()
        do {
          try batch.decode(protobuf: body, limits: limits)
          #expect(limit == count && batch.attributes.count == count)
        } catch {
          #expect(limit < count && error.reason == .tooManyValues(limit: limit))
        }
      }
    }
  }
}
