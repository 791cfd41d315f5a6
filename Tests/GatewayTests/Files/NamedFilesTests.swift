import Foundation
import Glibc
import Testing

@testable import Gateway

@Suite struct NamedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: path(name), atomically: false, encoding: .utf8)
  }

  @Test func whatHoldsTheSameIsTheSameWhicheverFileItIs() throws {
    try write("one", "a")
    let before = NamedFiles([path("a")])
    try write("one", "b")
    #expect(rename(path("b"), path("a")) == 0)
    #expect(before.now == before)
    try write("two", "b")
    #expect(rename(path("b"), path("a")) == 0)
    #expect(before.now != before)
  }

  /// As an editor of files in place leaves it, or a tool that sets times.
  @Test func aChangeThatSizeAndTimeDoNotTellIsSeen() throws {
    try write("one", "a")
    let before = NamedFiles([path("a")])
    var status = stat()
    #expect(stat(path("a"), &status) == 0)
    try write("two", "a")
    let times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, path("a"), times, 0) == 0)
    #expect(before.now != before)
  }

  /// As the volumes of Kubernetes are exchanged.
  @Test func aLinkThatPointsElsewhereIsSeen() throws {
    for (folder, text) in [("one", "1"), ("two", "2")] {
      #expect(mkdir(path(folder), 0o700) == 0)
      try write(text, "\(folder)/key")
    }
    #expect(symlink("one", path("data")) == 0)
    let files = NamedFiles([path("data/key")])
    #expect(files.now == files)
    #expect(symlink("two", path("next")) == 0 && rename(path("next"), path("data")) == 0)
    #expect(files.now != files)
  }

  @Test func aFileThatComesOrGoesIsSeen() throws {
    let files = NamedFiles([path("a")])
    #expect(files.now == files)
    try write("", "a")
    let empty = files.now
    #expect(empty != files && empty.now == empty)
    #expect(unlink(path("a")) == 0)
    #expect(empty.now == files)
  }

  /// Also a link to nowhere, a folder, and a file that may not be read, which root may all the same.
  @Test func whatCannotBeReadIsAsGoodAsNone() throws {
    try write("one", "a")
    let files = NamedFiles([path("a")])
    for make in [{ symlink("nowhere", path("a")) }, { mkdir(path("a"), 0o700) }] {
      #expect(remove(path("a")) == 0 && make() == 0)
      #expect(files.now != files && files.now.now == files.now)
    }
    #expect(remove(path("a")) == 0)
    try write("one", "a")
    #expect(files.now == files)
  }

  @Test func nothingIsTakenOutOfAPipe() throws {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    let end = open(path("pipe"), O_RDWR | O_NONBLOCK)
    defer { close(end) }
    #expect(Glibc.write(end, "ab", 2) == 2)
    let files = NamedFiles([path("pipe")])
    #expect(files.now == files)
    var bytes = [UInt8](repeating: 0, count: 4)
    #expect(read(end, &bytes, 4) == 2)
  }

  @Test func theLargestConfigurationIsReadAndNothingLarger() throws {
    let limit = ConfigLimits().maxFileBytes
    let none = NamedFiles([path("a")])
    try write(String(repeating: "x", count: limit), "a")
    #expect(none.now != none)
    try write(String(repeating: "x", count: limit + 1), "a")
    #expect(none.now == none)
  }

  @Test func whatIsNotedIsWhatItWasThen() throws {
    try write("one", "a")
    var files = NamedFiles()
    files.note(path("a"))
    let noted = files
    try write("two", "a")
    files.note(path("a"))
    #expect(files == noted && files.now != files)
    var others = NamedFiles([path("a"), path("b")])
    others.merge(files)
    #expect(others != files && others.now == others)
  }
}
