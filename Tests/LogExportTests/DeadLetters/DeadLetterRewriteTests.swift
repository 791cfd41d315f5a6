import Glibc
import Testing

@testable import LogExport

@Suite struct DeadLetterRewriteTests {
  private let folder = LetterFolder()

  @Test func removesWhatMatchesAndKeepsTheRestAsItIs() async throws {
    let file = folder.file()
    try await file.take([
      rejected(bulk(1), because: "a"), rejected(bulk(2), because: "b"), rejected(bulk(3), because: "a"),
    ])
    folder.append("garbage\nhalf a l")
    let kept = folder.text().split(separator: "\n").map(String.init)
    #expect(try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter(reason: "a")) == 2)
    #expect(folder.text() == kept[1] + "\ngarbage\nhalf a l")
    #expect(folder.files == ["dead.ndjson", "dead.ndjson.lock"])
    try await file.take([rejected(bulk(4))])
    #expect(folder.letters.count == 2)
  }

  @Test func anotherCommandAtWorkIsAnError() async throws {
    try await folder.file().take([rejected(bulk(1))])
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
      for number in 0..<300 { try await file.take([rejected(bulk(number), because: number % 2 == 0 ? "even" : "odd")]) }
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
    try await folder.file().take([rejected(bulk(1))])
    let rewrite = try DeadLetterRewrite(path: folder.path)
    rewrite.remove(0..<1)
    #expect(rename(folder.path, folder.path + ".moved") == 0)
    folder.append("new\n")
    #expect(throws: FileFailure.self) { try rewrite.commit(from: 0) }
    #expect(folder.text() == "new\n")
  }

  private func status(_ path: String) -> stat {
    var status = stat()
    lstat(path, &status)
    return status
  }

  private var fileStatus: stat { status(folder.path) }
  private var lockStatus: stat { status(folder.path + ".lock") }

  @Test func theFileStaysWhoseItWasAndSoDoesItsLock() async throws {
    try await folder.file().take([rejected(bulk(1)), rejected(bulk(2), because: "other")])
    let isRoot = geteuid() == 0
    if isRoot { #expect(chown(folder.path, 65534, 65533) == 0) }
    #expect(chmod(folder.path, 0o660) == 0)
    #expect(try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter(reason: "other")) == 1)
    #expect(fileStatus.st_mode & 0o7777 == 0o660 && folder.letters.count == 1)
    if isRoot {
      #expect(fileStatus.st_uid == 65534 && fileStatus.st_gid == 65533)
      #expect(lockStatus.st_uid == 65534 && lockStatus.st_gid == 65533)
    }
    #expect(folder.files == ["dead.ndjson", "dead.ndjson.lock"])
  }

  /// Whoever may write to the folder must not have root write to, or give away, files elsewhere.
  @Test func linksThatStandInTheWayAreNotFollowed() async throws {
    try await folder.file().take([rejected(bulk(1))])
    let other = folder.folder + "/other"
    fclose(fopen(other, "w"))
    #expect(symlink(other, folder.path + ".new") == 0)
    #expect(truncate(other, 5) == 0)
    #expect(try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter()) == 1)
    #expect(status(other).st_size == 5)
    #expect(unlink(folder.path + ".lock") == 0 && symlink(other, folder.path + ".lock") == 0)
    try await folder.file().take([rejected(bulk(1))])
    #expect(throws: FileFailure.self) { try purgeDeadLetters(path: folder.path, matching: DeadLetterFilter()) }
    #expect(folder.letters.count == 1 && status(other).st_size == 5)
  }
}
