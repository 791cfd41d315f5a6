import Glibc
import Testing

@testable import LogExport

@Suite struct DeadLetterPurgeTests {
  private let folder = LetterFolder()

  @Test func removesWhatMatchesAndKeepsTheRestAsItIs() async throws {
    let file = folder.file()
    try await file.take([
      refused(bulk(1), because: "a"), refused(bulk(2), because: "b"), refused(bulk(3), because: "a"),
    ])
    folder.append("garbage\nhalf a l")
    let kept = folder.text().split(separator: "\n").map(String.init)
    #expect(try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter(reason: "a")) == 2)
    #expect(folder.text() == kept[1] + "\ngarbage\nhalf a l")
    #expect(folder.files == ["dead.ndjson", "dead.ndjson.lock"])
    try await file.take([refused(bulk(4))])
    #expect(folder.letters.count == 2)
  }

  @Test func anotherCommandAtWorkIsAnError() async throws {
    try await folder.file().take([refused(bulk(1))])
    let lock = try #require(RewriteLock(of: folder.path))
    #expect(throws: FileFailure.self) { try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter()) }
    lock.release()
    #expect(try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter()) == 1)
    #expect(folder.text().isEmpty)
  }

  @Test func aMissingFileLeavesNothingBehind() {
    #expect(throws: FileFailure.self) { try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter()) }
    #expect(folder.files.isEmpty)
  }

  /// A gateway appends all the while; no letter is lost and none comes back.
  @Test func lettersThatArriveMeanwhileStay() async throws {
    let file = folder.file { $0.syncs = false }
    let writer = Task {
      for number in 0..<300 { try await file.take([refused(bulk(number), because: number % 2 == 0 ? "even" : "odd")]) }
    }
    var purged = 0
    for _ in 0..<20 {
      purged += (try? purgeDeadLetters(path: folder.path, matching: DeadLetterFilter(reason: "even"))) ?? 0
      try await Task.sleep(for: .milliseconds(2))
    }
    try await writer.value
    purged += try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter(reason: "even"))
    #expect(purged == 150)
    #expect(folder.letters.count == 150 && folder.letters.allSatisfy { $0.reason == "odd" })
  }

  @Test func aFileReplacedMeanwhileIsLeftAsItIs() async throws {
    try await folder.file().take([refused(bulk(1))])
    let rewrite = try DeadLetterRewrite(path: folder.path)
    #expect(rename(folder.path, folder.path + ".moved") == 0)
    folder.append("new\n")
    #expect(throws: FileFailure.self) { try rewrite.commit(from: 0) }
    #expect(folder.text() == "new\n")
  }
}
