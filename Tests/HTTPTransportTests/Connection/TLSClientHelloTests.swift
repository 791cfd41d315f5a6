import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct TLSClientHelloTests {
  private func prefixed(_ bytes: [UInt8], _ width: Int) -> [UInt8] {
    HTTP2Bytes.big(UInt32(bytes.count)).suffix(width) + bytes
  }

  private func protocols(_ names: [String]) -> [UInt8] {
    [0, 16] + prefixed(prefixed(names.flatMap { prefixed(Array($0.utf8), 1) }, 2), 2)
  }

  private func hello(_ extensions: [UInt8]?) -> [UInt8] {
    let head =
      [3, 3] + [UInt8](repeating: 7, count: 32) + prefixed([1], 1) + prefixed([0x13, 1], 2) + prefixed([0], 1)
    return [1] + prefixed(head + (extensions.map { prefixed($0, 2) } ?? []), 3)
  }

  private func records(_ message: [UInt8], ofBytes size: Int = 1 << 14) -> [UInt8] {
    stride(from: 0, to: message.count, by: size)
      .flatMap { [22, 3, 1] + prefixed(Array(message[$0..<min($0 + size, message.count)]), 2) }
  }

  private func read(_ bytes: [UInt8]) -> TLSClientHello {
    TLSClientHello.read(ByteBuffer(bytes: bytes), protocols: ["h2", "http/1.1"])
  }

  @Test(arguments: [["h2"], ["x", "http/1.1"], ["http/1.1", "h2", "y"]])
  func takesWhoeverSharesAProtocol(_ names: [String]) {
    #expect(read(records(hello([0, 5, 0, 1, 9] + protocols(names)))) == .taken)
  }

  @Test(arguments: [["h3"], ["H2"], ["spdy/1", "http/1.0"], [""]])
  func findsWhoSharesNone(_ names: [String]) {
    #expect(read(records(hello([0, 5, 0, 1, 9] + protocols(names)))) == .noSharedProtocol)
  }

  @Test func takesWhoeverOffersNothing() {
    #expect(read(records(hello(nil))) == .taken)
    #expect(read(records(hello([0, 5, 0, 1, 9]))) == .taken)
    #expect(read(records(hello(protocols([])))) == .taken)
  }

  @Test(arguments: [1, 2, 3, 5, 60])
  func readsTheSameWhereverItIsCut(_ size: Int) {
    let bytes = records(hello(protocols(["h3"])), ofBytes: size)
    for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == .incomplete) }
    #expect(read(bytes) == .noSharedProtocol)
    #expect(read(bytes + [1, 2, 3]) == .noSharedProtocol)
  }

  @Test func tellsPlainText() {
    #expect(read(Array("GET / HTTP/1.1".utf8)) == .plainText)
    #expect(read([0x80, 0x2E]) == .plainText)
    #expect(read([]) == .incomplete)
  }

  @Test func leavesWhatIsBrokenToTheLibrary() {
    #expect(read([22, 3, 1, 0, 0]) == .taken)
    #expect(read(records([2, 0, 0, 0])) == .taken)
    #expect(read(records([1, 0, 0, 1]) + [23, 3, 1, 0, 1, 0]) == .taken)
    #expect(read(records([1, 0, 0, 0])) == .taken)
    #expect(read(records(hello([0, 16, 0, 9, 0]))) == .taken)
    #expect(read(records(hello([0, 16] + prefixed([0, 3, 9, 1, 1], 2)))) == .taken)
    #expect(read(records(hello([0, 16] + prefixed([0, 3, 1, 65, 9], 2)))) == .taken)
  }

  @Test func survivesMutations() {
    let seed = records(hello(protocols(["h2", "h3"])), ofBytes: 40)
    var random = SeededRandom(seed: 5)
    var outcomes: Set<String> = []
    for _ in 0..<20_000 { outcomes.insert("\(read(seed.mutated(&random)))") }
    #expect(outcomes.count == 4)
  }
}
