import Testing

@testable import LogExport

@Suite struct ReplayDialectTests {
  /// A request of one resource of so many bytes and of so many records.
  private func request(resourceBytes: Int, records: Int) -> [UInt8] {
    func message(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      let length = (0..<4).map { (place: Int) -> UInt8 in
        let bits = UInt8(content.count >> (7 * place) & 0x7F)
        return place < 3 ? bits | 0x80 : bits
      }
      return [number << 3 | 2] + length + content
    }
    let record = message(2, [0x10, 0x09])
    let scope = message(2, (0..<records).flatMap { _ in record })
    return message(1, message(1, [UInt8](repeating: 0, count: resourceBytes)) + scope)
  }

  private func dialect(_ format: String, of exporter: String = "vl") throws -> ReplayDialect {
    let line =
      "{\"time\":\"2026-06-15T11:00:00Z\",\"exporter\":\"\(exporter)\",\"reason\":\"r\","
      + "\"format\":\"\(format)\",\"path\":\"/p\"}"
    let letter = try #require(DeadLetter(line: Array(line.utf8)))
    return try #require(ReplayDialect(letter))
  }

  @Test func recordsOfOTLPAreCutApart() throws {
    let parts = try dialect("otlp", of: "otlp").parts(of: request(resourceBytes: 10, records: 7), records: 7)
    #expect(parts.map(\.records) == [Int](repeating: 1, count: 7) && Set(parts.map(\.bytes.count)).count == 1)
  }

  /// A large resource with many records would take a multiple of its size in memory.
  @Test func aLargeResourceBoundsWhatIsCut() throws {
    let parts = try dialect("otlp").parts(of: request(resourceBytes: 1 << 20, records: 1000), records: 1000)
    #expect(parts.reduce(0) { $0 + $1.records } == 1000 && parts.count > 10)
    #expect(parts.reduce(0) { $0 + $1.bytes.count } <= ReplayDialect.maxExtraBytes + (4 << 20))
  }

  @Test func linesAreCutApartUnlessTheyAreNotWhatTheySay() throws {
    let body = Array("{\"a\":1}\n{\"a\":2}\n".utf8)
    let dialect = try dialect("jsonline")
    #expect(dialect.parts(of: body, records: 2).map(\.records) == [1, 1])
    #expect(dialect.parts(of: body, records: .max).map(\.records) == [.max])
  }
}
