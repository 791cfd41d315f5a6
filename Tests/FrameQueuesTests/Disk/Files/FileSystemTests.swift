import Glibc
import Testing

@testable import FrameQueues

@Suite struct FileSystemTests {
  @Test(arguments: [
    ("/a/b", "/a"), ("/a/b/", "/a"), ("/a/b///", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("", "."),
    ("a/", "."),
  ])
  func theDirectoryOfAPathIsWhatStandsBeforeItsName(path: String, parent: String) {
    #expect(SimulatedDisk.parent(of: path) == parent)
  }

  private func disk(missing: String...) -> SimulatedDisk {
    let disk = SimulatedDisk()
    disk.state.withLock { $0.missingDirectories = Set(missing) }
    return disk
  }

  @Test func whatIsMissingIsMadeFromAboveAndEachSurvivesAPowerCut() throws {
    let disk = disk(missing: "/a", "/a/b", "/a/b/c")
    try disk.makeDirectories("/a/b/c")
    #expect(disk.state.withLock { $0.missingDirectories.isEmpty })
    #expect(disk.state.withLock { $0.syncedDirectories } == ["/", "/a", "/a/b"])
  }

  /// Who made it may have ended before it was synced.
  @Test func aDirectoryThatIsThereIsSyncedAllTheSame() throws {
    let disk = disk()
    try disk.makeDirectories("/a/b")
    #expect(disk.state.withLock { $0.syncedDirectories } == ["/a"])
  }

  @Test(arguments: [EACCES, EPERM]) func aFolderThatIsNobodysToReadIsNotInTheWayOfOneThatIsThere(number: Int32) throws {
    let there = disk()
    there.fail("syncDirectory", number)
    try there.makeDirectories("/a/b")
    let new = disk(missing: "/a/b")
    new.fail("syncDirectory", number)
    #expect(throws: FileError("syncDirectory", number, path: "/a")) { try new.makeDirectories("/a/b") }
  }

  @Test func otherErrorsAreThrown() {
    for action in ["create", "syncDirectory"] {
      let disk = disk()
      disk.fail(action, EIO)
      #expect(throws: FileError.self) { try disk.makeDirectories("/a/b") }
    }
    let disk = disk()
    disk.fail("create", ENOENT, times: .max)
    #expect(throws: FileError.self) { try disk.makeDirectories("/a/b/c") }
  }

  @Test func onlyAReadThatTheDiskFailsIsOfTheMedium() {
    #expect(FileError("read", EIO).isOfTheMedium)
    for error in [FileError("read", EACCES), FileError("write", EIO), FileError("open", EIO)] {
      #expect(!error.isOfTheMedium)
    }
  }

  @Test func anErrorNamesWhatWasTriedAndOnWhat() {
    #expect("\(FileError("write", ENOSPC, path: "/q/1"))" == "cannot write /q/1: No space left on device (errno 28)")
    #expect("\(FileError("sync", EIO))" == "cannot sync: Input/output error (errno 5)")
    #expect("\(FileError("sync", 9999))".hasPrefix("cannot sync: "))
  }
}
