import FrameQueues
import Testing

@testable import LogPipeline

/// Records of several tenants in one queue, each under its tenant's header fields.
@Suite struct TenantFieldsTests {
  private func fields(_ fields: TenantFields, of tenant: String) -> String {
    var text: [UInt8] = []
    let name = Array(tenant.utf8)
    fields.append(name.span.bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func name(_ tenant: String) -> String { String(fields(.named(TenantHeader("T")), of: tenant).dropFirst(3)) }

  // MARK: Fields

  @Test func aNameIsAValueAsItIsOrEncoded() {
    #expect(fields(.named(TenantHeader("X-Scope-OrgID")), of: "acme") == "X-Scope-OrgID: acme")
    #expect(fields(.named(TenantHeader("X-Scope-OrgID")), of: "") == "")
    #expect(name("!\"#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~") == "!\"#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~")
    #expect(name("a b") == "a%20b" && name("50%") == "50%25" && name(" ") == "%20")
    #expect(name("ä\r\nX: y\u{7F}\u{0}") == "%C3%A4%0D%0AX:%20y%7F%00")
  }

  @Test func aNameBeyondTheLimitIsItsHash() {
    let most = String(repeating: "a", count: 128)
    #expect(name(most) == most)
    // head -c 129 /dev/zero | tr '\0' a | sha256sum
    #expect(
      name(most + "a") == "sha256-c12cb024a2e5551cca0e08fce8f1c5e314555cc3fef6329ee994a3db752166ae")
  }

  @Test func noTwoNamesAreOneValue() {
    let names = ["a b", "a%20b", "a%b", "a%25b", "%", "%25", "A", "a", "\u{20}", "%20"]
    #expect(Set(names.map(name)).count == names.count)
  }

  @Test func whatIsListedForATenantIsNoOthers() {
    let header = TenantFields.named(
      TenantHeader("T", listed: [("acme", "42"), ("b", "b"), ("c d", "acme"), ("e", "42")]))
    #expect(fields(header, of: "acme") == "T: 42" && fields(header, of: "e") == "T: 42")
    #expect(fields(header, of: "b") == "T: b" && fields(header, of: "c d") == "T: acme")
    #expect(
      fields(header, of: "Acme") == "T: Acme" && fields(header, of: "4") == "T: 4" && fields(header, of: "") == "")
    // A tenant of that name, which anybody may be called.
    #expect(fields(header, of: "42") == "T: %34%32" && fields(header, of: "%34%32") == "T: %2534%2532")
  }

  @Test func aListSaysWhichFieldsATenantHas() {
    let list = TenantList(
      [("acme", [.init("A", "1"), .init("P", "2")]), ("b", [.init("A", "3")])], others: [.init("A", "0")])
    #expect(fields(.listed(list), of: "acme") == "A: 1\nP: 2")
    #expect(fields(.listed(list), of: "b") == "A: 3")
    for other in ["", "acm", "acmee", "Acme", "c"] { #expect(fields(.listed(list), of: other) == "A: 0") }
    #expect(fields(.listed(TenantList([], others: [])), of: "acme") == "")
  }

  @Test func aRouteCarriesTheFields() {
    let text = DialectRoute.Header.text(of: [.init("AccountID", "1"), .init("ProjectID", "a: b")])
    let bound = [
      DialectRoute.Header("AccountID", "1", isBinding: true), .init("ProjectID", "a: b", isBinding: true),
    ]
    let own = DialectRoute.Header("Content-Type", "x/y")
    #expect(
      DialectRoute.http(path: "/p", headers: [.init("accountid", "7"), own]).carrying(text)
        == .http(path: "/p", headers: [own] + bound))
    #expect(DialectRoute.grpc(path: "/p", headers: [own]).carrying(text) == .grpc(path: "/p", headers: [own] + bound))
    #expect(DialectRoute.http(path: "/p", headers: [own]).carrying([]) == .http(path: "/p", headers: [own]))
    #expect(DialectRoute.local.carrying(text) == .local && DialectRoute.discard.carrying(text) == .discard)
  }

  // MARK: Dialects

  /// Records of tenants, one resource a record.
  private func batch(_ tenants: [String]) -> BulkTestBatch {
    let batch = BulkTestBatch()
    for (index, tenant) in tenants.enumerated() {
      batch.resource([("n", .int(Int64(index)))], tenant: tenant).record(.string("record \(index)"))
    }
    return batch
  }

  private func sections(
    _ encoded: Encoded, as format: BodyFormat
  ) -> [(fields: String, content: [UInt8], records: Int)] {
    encoded.frames.flatMap { frame in
      frame.withUnsafeBytes { memory in
        Sections(memory, as: format).map { section in
          (
            String(decoding: memory[section.fields], as: UTF8.self), Array(memory[section.content]),
            section.records ?? -1
          )
        }
      }
    }
  }

  private static let victoriaLogs: [VictoriaLogsDialect] = VictoriaLogsOptions.IngestProtocol.allCases.map { path in
    var options = VictoriaLogsOptions()
    options.ingestProtocol = path
    options.tenant = .init(accountID: 9, projectID: 8)
    options.tenants = [.init("acme", .init(accountID: 1, projectID: 2)), .init("b", .init(accountID: 3))]
    return VictoriaLogsDialect(options)
  }

  @Test(arguments: victoriaLogs) func victoriaLogsGetsTheTenantsAccount(_ dialect: VictoriaLogsDialect) throws {
    let batch = batch(["acme", "acme", "b", "", "unlisted", "acme"])
    for frameBytes in [1, 200, 512 << 10] {
      let encoded = try Encoded(batch.batch, as: dialect, frameBytes: frameBytes)
      var texts: [String: String] = [:]
      for (fields, content, records) in sections(encoded, as: dialect.bodyFormat) {
        #expect(content.withUnsafeBytes { dialect.bodyFormat.count(in: $0) } == records)
        texts[fields, default: ""] += String(decoding: content, as: UTF8.self)
      }
      let expected = [
        "AccountID: 1\nProjectID: 2": [0, 1, 5], "AccountID: 3\nProjectID: 0": [2],
        "AccountID: 9\nProjectID: 8": [3, 4],
      ]
      for (fields, text) in texts {
        let found = (0..<6).filter { text.contains("record \($0)") }
        #expect(found == expected[fields], "\(fields) in frames of \(frameBytes)")
      }
      #expect(texts.count == 3 && encoded.records == 6 && dialect.sectionMarks == .written)
    }
  }

  @Test(arguments: [OTLPDialect.Transport.http, .grpc])
  func otlpNamesTheTenant(_ transport: OTLPDialect.Transport) throws {
    let dialect = OTLPDialect(transport: transport, tenantHeader: TenantHeader("X-Scope-OrgID"))
    let encoded = try Encoded(batch(["a", "a", "", "b c"]).batch, as: dialect)
    let found = sections(encoded, as: .otlp)
    #expect(found.map(\.fields) == ["X-Scope-OrgID: a", "", "X-Scope-OrgID: b%20c"])
    #expect(found.map(\.records) == [2, 1, 1])
    for (_, content, records) in found {
      var batch = LogBatch()
      try batch.decode(protobuf: content, limits: DecodeLimits())
      #expect(batch.records.count == records)
    }
  }

  @Test func withoutTheOptionNotAByteDiffers() throws {
    let (with, without) = (batch(["a", "b"]), batch(["", ""]))
    var options = VictoriaLogsOptions()
    options.tenant = .init(accountID: 1)
    for path in VictoriaLogsOptions.IngestProtocol.allCases {
      options.ingestProtocol = path
      let dialect = VictoriaLogsDialect(options)
      #expect(try Encoded(with.batch, as: dialect).bytes == Encoded(without.batch, as: dialect).bytes)
      #expect(dialect.sectionMarks == .left)
    }
    let otlp = OTLPDialect(transport: .grpc)
    #expect(try Encoded(with.batch, as: otlp).bytes == Encoded(without.batch, as: otlp).bytes)
    #expect(otlp.sectionMarks == .left && FileDialect(format: .json, maxLineBytes: 1024).sectionMarks == .never)
  }

  @Test(arguments: victoriaLogs) func recordsThatAreNotSentAreTheTenantsToo(_ dialect: VictoriaLogsDialect) throws {
    let batch = batch(["acme", "b", "acme"])
    for index in batch.batch.records.indices where index != 1 { batch.batch.records[index].timeUnixNano = 1 }
    let encoded = try Encoded(batch.batch, as: dialect, keepsDropped: true)
    #expect(
      encoded.kept.map { String(decoding: $0.fields, as: UTF8.self) }
        == [String](
          repeating: "AccountID: 1\nProjectID: 2", count: 2))
    #expect(sections(encoded, as: dialect.bodyFormat).map(\.fields) == ["AccountID: 3\nProjectID: 0"])
  }
}
