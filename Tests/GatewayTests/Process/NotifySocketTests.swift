import Glibc
import Testing

@testable import Gateway

@Suite struct NotifySocketTests {
  @Test(arguments: ["", "@", "/", "relative/path", "vsock:2:1"])
  func whatIsNoAddressIsRefused(_ name: String) {
    #expect(NotifySocket(name) == nil)
  }

  @Test func namesAreAsLongAsTheSystemTakesThem() {
    // 108 bytes: a path ends with a zero among them, a name of no file system does not.
    #expect(NotifySocket("/" + String(repeating: "a", count: 106)) != nil)
    #expect(NotifySocket("/" + String(repeating: "a", count: 107)) == nil)
    #expect(NotifySocket("@" + String(repeating: "a", count: 107)) != nil)
    #expect(NotifySocket("@" + String(repeating: "a", count: 108)) == nil)
  }

  @Test func whatIsSentArrives() throws {
    let listener = try ListeningSocket()
    let socket = try #require(NotifySocket(listener.name))
    #expect(socket.send("READY=1") == .sent)
    #expect(listener.next() == "READY=1")
    #expect(listener.next() == nil)
  }

  @Test func aPathIsAnAddressToo() throws {
    let folder = try TemporaryFolder()
    let socket = try #require(NotifySocket("\(folder.path)/notify"))
    #expect(socket.send("READY=1") == .failed(ENOENT))
  }

  @Test func oneThatIsFullIsToldFromOneThatIsNotThere() throws {
    let listener = try ListeningSocket()
    let socket = try #require(NotifySocket(listener.name))
    var outcome = NotifySocket.Outcome.sent
    for _ in 0..<100_000 where outcome == .sent { outcome = socket.send("x") }
    #expect(outcome == .full)
    #expect(NotifySocket("@nobody-\(getpid())")?.send("x") == .failed(ECONNREFUSED))
  }
}
