import Foundation
import Glibc
import Synchronization
import Testing

@testable import Files

@Suite struct WatchedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
  }

  private func watched(_ names: String...) throws -> WatchedFiles<String> {
    try WatchedFiles(names.map(path), maxBytes: 8) { contents throws(FileReadError) in
      let text = contents.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "+")
      if text.contains("bad") { throw FileReadError(reason: "not this") }
      return text
    }
  }

  @Test func contentIsUsedAsSoonAsItIsThere() throws {
    try write("one", "a")
    let files = try watched("a")
    #expect(files.value == "one" && files.look() == nil)
    try write("two", "a")
    #expect(files.look() == .used && files.value == "two")
    #expect(files.look() == nil && files.counts.reloads == 1 && files.counts.failures == 0)
  }

  @Test func theSameContentIsNothingNew() throws {
    try write("one", "a")
    let files = try watched("a")
    try write("one", "a")
    #expect(files.look() == nil && files.counts == FileCounts())
  }

  @Test func aLinkThatIsMovedIsSeen() throws {
    try write("one", "first")
    try write("two", "second")
    symlink("first", path("a"))
    let files = try watched("a")
    symlink("second", path("new"))
    rename(path("new"), path("a"))
    #expect(files.look() == .used && files.value == "two")
  }

  @Test func whatCannotBeUsedIsSaidOnceAndWhatWasBeforeIsKept() throws {
    try write("one", "a")
    let files = try watched("a")
    try write("bad", "a")
    #expect(files.look() == .kept(because: "not this") && files.value == "one")
    #expect(files.look() == nil && files.counts.failures == 1)
    let problem = try #require(files.counts.problem)
    #expect(problem.reason == "not this" && (-60...60).contains(problem.since - Int(Date().timeIntervalSince1970)))
    try write("one", "a")
    #expect(files.look() == .used && files.counts.problem == nil)
    #expect(files.counts.reloads == 1 && files.counts.failures == 1)
  }

  @Test func aFileThatIsGoneOrTooLargeIsNotUsed() throws {
    try write("one", "a")
    let files = try watched("a")
    try write("123456789", "a")
    #expect(files.look() == .kept(because: "\(path("a")): it has 9 bytes, the limit is 8 bytes"))
    try write("12345678", "a")
    #expect(files.look() == .used && files.value == "12345678")
    unlink(path("a"))
    #expect(files.look() == .kept(because: "\(path("a")): No such file or directory"))
    #expect(files.value == "12345678")
  }

  @Test func severalFilesAreReadTogether() throws {
    try write("cert", "a")
    try write("key", "b")
    let files = try watched("a", "b")
    #expect(files.value == "cert+key")
    try write("KEY", "b")
    #expect(files.look() == .used && files.value == "cert+KEY")
  }

  @Test func whatCannotBeReadAtFirstIsAnError() {
    #expect(throws: FileReadError.self) { try watched("missing") }
  }

  @Test func whatChangesWhileItIsReadIsReadAgain() throws {
    try write("one", "a")
    try write("one", "b")
    let (second, isTorn) = (path("b"), Flag())
    let files = try WatchedFiles([path("a"), second]) { contents throws(FileReadError) in
      let texts = contents.map { String(decoding: $0, as: UTF8.self) }
      if texts[0] == texts[1] { return texts[0] }
      if isTorn.raise() { try? Data("two".utf8).write(to: URL(fileURLWithPath: second), options: .atomic) }
      throw FileReadError(reason: "torn")
    }
    try write("two", "a")
    #expect(files.look() == .used && files.value == "two" && files.counts.failures == 0)
    try write("three", "a")
    #expect(files.look() == .kept(because: "torn") && files.value == "two")
  }

  @Test func countsGoOn() throws {
    try write("one", "a")
    var counts = FileCounts()
    (counts.reloads, counts.failures, counts.problem) = (3, 2, .init(reason: "old", since: 1))
    let files = try WatchedFiles([path("a")], after: counts) { $0.count }
    #expect(files.counts.reloads == 3 && files.counts.failures == 2 && files.counts.problem == nil)
  }

  @Test func aPipeIsReadOnce() throws {
    mkfifo(path("a"), 0o600)
    let descriptor = open(path("a"), O_RDWR)
    #expect(Glibc.write(descriptor, "one", 3) == 3)
    let writer = Thread {
      usleep(100_000)
      close(descriptor)
    }
    writer.start()
    let files = try WatchedFiles([path("a")]) { String(decoding: $0[0], as: UTF8.self) }
    #expect(files.value == "one" && files.look() == nil && files.counts.failures == 0)
  }

  /// It would hold up the look at all other files.
  @Test func aPipeInTheFilesPlaceIsNotOpened() throws {
    try write("one", "a")
    let files = try watched("a")
    unlink(path("a"))
    mkfifo(path("a"), 0o600)
    let began = ContinuousClock.now
    for expected in [FileChange.kept(because: "\(path("a")): it is no regular file"), nil] {
      #expect(files.look() == expected)
    }
    #expect(ContinuousClock.now - began < .seconds(5))
    #expect(files.value == "one" && files.counts.failures == 1)
    unlink(path("a"))
    try write("two", "a")
    #expect(files.look() == .used && files.value == "two")
  }

  private final class Flag: Sendable {
    private let isRaised = Atomic(false)
    /// True the first time.
    func raise() -> Bool { !isRaised.exchange(true, ordering: .relaxed) }
  }
}
