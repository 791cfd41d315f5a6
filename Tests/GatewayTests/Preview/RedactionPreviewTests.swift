import LogPipeline
import Testing

@testable import Gateway

@Suite struct RedactionPreviewTests {
  /// The lines that a preview with the default detectors makes of a text, fed in pieces of some size.
  private func preview(_ text: String, piece: Int = .max, maxLineBytes: Int = 1 << 20) throws -> (
    text: String, RedactionPreview.Counts
  ) {
    var preview = RedactionPreview(try RedactionPreview.processor(of: nil, id: nil), maxLineBytes: maxLineBytes)
    var rest = Array(text.utf8)[...]
    var output = ""
    while !rest.isEmpty {
      preview.append(rest.prefix(piece))
      rest = rest.dropFirst(piece)
      output += String(decoding: preview.output.array, as: UTF8.self)
      preview.removeOutput()
    }
    preview.finish()
    return (output + String(decoding: preview.output.array, as: UTF8.self), preview.counts)
  }

  private static let mixed = """
    card 4111111111111111 ok

    {"resourceLogs":[{"resource":{"attributes":[{"key":"password","value":{"stringValue":"x"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"token=abcdef"}}]}]}]}
    {"password": "hunter2"}
    身份证11010519491231002X
    """

  private static let left = """
    card ****1111 ok

    {"resourceLogs":[{"resource":{"attributes":[{"key":"password","value":{"stringValue":"****"}}]},"scopeLogs":[{"scope":{},"logRecords":[{"body":{"stringValue":"token=****"}}]}]}]}
    {"password": "****"}
    身份证110****2X

    """

  @Test(arguments: [1, 2, 3, 7, 50, 1000]) func textsAndRequestsComeOutLineByLine(_ piece: Int) throws {
    let (text, counts) = try preview(Self.mixed, piece: piece)
    #expect(text == Self.left)
    #expect(
      counts.rules.filter { $0.count > 0 }.map { "\($0.count) \($0.rule)" } == [
        "1 credit_card", "1 cn_resident_id", "1 secret_kv", "2 key_name",
      ])
  }

  @Test func aBrokenRequestIsAText() throws {
    #expect(
      try preview(#"{"resourceLogs":[{"password":"hunter2""#).text == "{\"resourceLogs\":[{\"password\":\"****\"\n")
  }

  @Test func aLineAsLongAsTheLimitIsReadAndALongerOneMaskedUnread() throws {
    for piece in [1, 5, 100] {
      let (text, counts) = try preview("0123456789\n01234567890\nabc\n0123456789ab", piece: piece, maxLineBytes: 10)
      #expect(text == "0123456789\n****\nabc\n****\n")
      #expect(counts.tooLongLines == 2)
    }
  }

  @Test func invalidUTF8IsMended() throws {
    var preview = RedactionPreview(try RedactionPreview.processor(of: nil, id: nil))
    preview.append([0x61, 0xFF, 0x0A])
    #expect(preview.output.array == [0x61, 0xEF, 0xBF, 0xBD, 0x0A])
  }

  @Test func theProcessorIsTheOnlyOneOrTheOneThatIsNamed() throws {
    let one = try loadStandard(Self.yaml("redaction: {detectors: [pci]}"))
    #expect(try RedactionPreview.processor(of: one, id: nil).id == "redaction")
    let two = try loadStandard(Self.yaml("redaction/a: {detectors: [pci]}\n  redaction/b: {detectors: [default]}"))
    #expect(try RedactionPreview.processor(of: two, id: "redaction/b").id == "redaction/b")
    #expect(throws: RedactionPreview.Problem.several(ids: ["redaction/a", "redaction/b"])) {
      try RedactionPreview.processor(of: two, id: nil)
    }
    #expect(throws: RedactionPreview.Problem.unknown(id: "x", ids: ["redaction/a", "redaction/b"])) {
      try RedactionPreview.processor(of: two, id: "x")
    }
    #expect(throws: RedactionPreview.Problem.unknown(id: nil, ids: [])) {
      try RedactionPreview.processor(of: try loadStandard(Self.yaml("batch: {}")), id: nil)
    }
  }

  private static func yaml(_ processors: String) -> String {
    """
    receivers: {otlp: {protocols: {http: }}}
    processors:
      \(processors)
    exporters: {nop: }
    service: {pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
    """
  }
}
