import Foundation
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
    #expect(files.look() == nil && files.counts == FileCounts(reloads: 1))
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
    #expect(files.look() == nil && files.counts == FileCounts(failures: 1, problem: "not this"))
    try write("one", "a")
    #expect(files.look() == .used && files.counts == FileCounts(reloads: 1, failures: 1))
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

  @Test func aWatchLooksAtAllThatAreInUse() throws {
    try write("one", "a")
    try write("one", "b")
    let reports = Reports()
    let watch = FileWatch { reports.add($0, $1) }
    let first = try watched("a")
    watch.add(first)
    do {
      let second = try watched("b")
      watch.add(second)
      #expect(watch.watched.count == 2)
    }
    try write("two", "a")
    try write("two", "b")
    watch.look()
    #expect(watch.watched.count == 1 && reports.all == ["\(path("a")): used"] && first.value == "two")
  }

  private final class Reports: @unchecked Sendable {
    private(set) var all: [String] = []
    func add(_ paths: [String], _ change: FileChange) { all.append("\(paths.joined()): \(change)") }
  }
}
