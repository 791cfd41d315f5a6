import Testing

@testable import LogExport

@Suite struct RewriteLockTests: FilesOfSenders {
  @Test func oneCommandOrAllWhoRotateHoldIt() async throws {
    try await withFolder { folder in
      let path = folder + "/letters"
      let command = try #require(RewriteLock(of: path))
      #expect(RewriteLock(of: path) == nil && RewriteLock(of: path, forRotation: true) == nil)
      command.release()
      let (one, two) = (RewriteLock(of: path, forRotation: true), RewriteLock(of: path, forRotation: true))
      #expect(one != nil && two != nil && RewriteLock(of: path) == nil)
      one?.release()
      #expect(RewriteLock(of: path) == nil)
      two?.release()
      let next = RewriteLock(of: path)
      #expect(next != nil)
      next?.release()
    }
  }
}
